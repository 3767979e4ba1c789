/** Kysely: builds SQL for three dialects, without a database behind it. */

import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

const dialect = (Adapter, Introspector, Compiler) =>
  new Kysely({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new Introspector(db),
      createQueryCompiler: () => new Compiler(),
    },
  });

const databases = {
  sqlite: dialect(SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler),
  postgres: dialect(PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler),
  mysql: dialect(MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler),
};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const db = databases[searchParams.get('dialect')];
    const select = db
      .selectFrom('user as u')
      .innerJoin('order as o', 'o.user_id', 'u.id')
      .select(({ fn }) => ['u.name', fn.count('o.id').as('orders')])
      .where('u.age', '>', Number(searchParams.get('age')))
      .where(({ or, eb }) => or([eb('u.name', 'like', 'A%'), eb('u.name', 'in', ['Bob', 'Cy'])]))
      .groupBy('u.name')
      .orderBy('orders', 'desc')
      .limit(5);
    const raw = db.selectNoFrom(sql`${'x'}::text`.as('value'));
    const rows = await select.execute();
    const { sql: text, parameters } = select.compile();
    return Response.json({ text, parameters, raw: raw.compile().sql, rows });
  },
};
