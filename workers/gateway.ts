/** The gateway: the only service behind a socket. It routes by path to the services that its bindings name. */

interface Service {
  fetch(input: string | Request): Promise<Response>;
}

interface Env {
  GREETER: Service;
  CALCULATOR: Service;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/') {
      const [greeting, sum] = await Promise.all([
        env.GREETER.fetch('http://greeter/'),
        env.CALCULATOR.fetch('http://calculator/add?a=20&b=22'),
      ]);
      return new Response(`${await greeting.text()}\n20 + 22 = ${await sum.text()}\n`);
    }
    if (pathname.startsWith('/greet')) return env.GREETER.fetch(`http://greeter/${search}`);
    if (pathname.startsWith('/calc/')) return env.CALCULATOR.fetch(`http://calculator${pathname.slice(5)}${search}`);
    return new Response('not found\n', { status: 404 });
  },
};
