/** Says what part of the day it is, in UTC. Written in service-worker syntax: a script that listens for events, without exports. */
addEventListener('fetch', (event) => {
  event.respondWith(new Response(partOfDay(new Date().getUTCHours())));
});

function partOfDay(hour) {
  if (hour < 5) return 'night';
  if (hour < 12) return 'morning';
  return hour < 18 ? 'afternoon' : 'evening';
}
