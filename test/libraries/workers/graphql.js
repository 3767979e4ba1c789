/** A GraphQL server: graphql-yoga over graphql, with a subscription that streams. */

import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';

const books = [{ id: '1', title: 'Analytical Engines', year: 1843 }];

const schema = createSchema({
  typeDefs: `
    type Book { id: ID!, title: String!, year: Int! }
    input NewBook { title: String!, year: Int! }
    type Query { books(after: Int): [Book!]!, book(id: ID!): Book, fails: String }
    type Mutation { add(book: NewBook!): Book! }
    type Subscription { count(to: Int!): Int! }
  `,
  resolvers: {
    Query: {
      books: (_root, { after = 0 }) => books.filter(({ year }) => year > after),
      book: (_root, { id }) => books.find((book) => book.id === id),
      fails() {
        throw new GraphQLError('it does', { extensions: { code: 'ON_PURPOSE' } });
      },
    },
    Mutation: {
      add(_root, { book }) {
        const added = { id: String(books.length + 1), ...book };
        books.push(added);
        return added;
      },
    },
    Subscription: {
      count: {
        async *subscribe(_root, { to }) {
          for (let count = 1; count <= to; count++) yield { count };
        },
      },
    },
  },
});

const yoga = createYoga({ schema, logging: false });

export default { fetch: (request, env, ctx) => yoga.fetch(request, env, ctx) };
