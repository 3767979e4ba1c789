/** Drizzle: schemas, queries and relations for three dialects, through its proxy drivers to a database that is a function. */

import { and, count, desc, eq, gt, inArray, like, or, relations, sql } from 'drizzle-orm';
import { drizzle as mysql } from 'drizzle-orm/mysql-proxy';
import * as inMysql from 'drizzle-orm/mysql-core';
import { drizzle as postgres } from 'drizzle-orm/pg-proxy';
import * as inPostgres from 'drizzle-orm/pg-core';
import { drizzle as sqlite } from 'drizzle-orm/sqlite-proxy';
import * as inSqlite from 'drizzle-orm/sqlite-core';

const tables = (table, key, text, number) => ({
  users: table('user', { id: key('id').primaryKey(), name: text('name'), age: number('age').notNull() }),
  orders: table('order', { id: key('id').primaryKey(), userId: number('user_id').notNull() }),
});

const { integer } = inSqlite;
const dialects = {
  sqlite: { connect: sqlite, ...tables(inSqlite.sqliteTable, integer, inSqlite.text, integer) },
  postgres: {
    connect: postgres,
    ...tables(inPostgres.pgTable, inPostgres.serial, inPostgres.text, inPostgres.integer),
  },
  mysql: { connect: mysql, ...tables(inMysql.mysqlTable, inMysql.serial, inMysql.text, inMysql.int) },
};

function join({ connect, users, orders }, age, query) {
  return connect(query)
    .select({ name: users.name, orders: count(orders.id) })
    .from(users)
    .innerJoin(orders, eq(orders.userId, users.id))
    .where(and(gt(users.age, age), or(like(users.name, 'A%'), inArray(users.name, ['Bob', 'Cy']))))
    .groupBy(users.name)
    .orderBy(({ orders }) => desc(orders))
    .limit(5);
}

/** Answers with one user for everything, and keeps what was asked. */
async function relational() {
  const { users, orders } = dialects.sqlite;
  const asked = [];
  const db = sqlite(
    async (text, parameters, method) => {
      asked.push({ method, parameters });
      if (method === 'run') return { rows: [] };
      return { rows: text.includes('json_group_array') ? [[7, 'Ada', 36, '[[1],[2]]']] : [[7, 'Ada', 36]] };
    },
    {
      schema: {
        users,
        orders,
        ofUsers: relations(users, ({ many }) => ({ orders: many(orders) })),
        ofOrders: relations(orders, ({ one }) => ({
          user: one(users, { fields: [orders.userId], references: [users.id] }),
        })),
      },
    },
  );
  const inserted = await db.insert(users).values({ name: 'Ada', age: 36 }).returning();
  const found = await db.query.users.findMany({ with: { orders: { columns: { id: true } } } });
  const statement = db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const prepared = await statement.all({ id: 7 });
  await db
    .update(users)
    .set({ age: sql`${users.age} + 1` })
    .where(eq(users.id, 7))
    .run();
  return { inserted, found, prepared, asked };
}

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const dialect = dialects[searchParams.get('dialect')];
    if (dialect === undefined) return Response.json(await relational());
    const rows = [['Ada', 2]];
    const query = join(dialect, Number(searchParams.get('age')), async () => ({ rows }));
    const { sql: text, params } = query.toSQL();
    return Response.json({ text, params, rows: await query });
  },
};
