/** A classic script: sloppy, with import() in every place that is only there. */

var where = String('no such module');
var made = {};
function remember(name, promise) {
  made[name] = promise;
}
remember('top level', import(where));
remember(
  'in a function',
  (function () {
    return import(where);
  })(),
);
var html = 1;
<!-- import('in a comment')
--> import('in a comment')
remember('after HTML comments', import(where));
with ({ where: 'inner' }) remember('in with', import(where));
label: remember('labelled', import(where));
remember(
  'in a sloppy arguments object',
  (function () {
    arguments[0] = where;
    return import(arguments[0]);
  })('x'),
);

addEventListener('fetch', function (event) {
  event.respondWith(
    (async function () {
      var report = '';
      for (var name of Object.keys(made)) {
        try {
          await made[name];
          report += name + ': resolved\n';
        } catch (error) {
          if (Object.getPrototypeOf(Object.getPrototypeOf(error)) !== Error.prototype)
            report += name + ': foreign\n';
          if (!(error instanceof TypeError)) report += name + ': ' + error + '\n';
        }
      }
      return new Response(report + '#' + Object.keys(made).length);
    })(),
  );
});
