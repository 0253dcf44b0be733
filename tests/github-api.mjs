// GitHub for `llmux review`, as strict as its own descriptions are: each REST request is first put
// to prism, which holds it against GitHub's OpenAPI description, and each GraphQL request is
// validated and answered by the graphql package over GitHub's schema. What stands on the pull
// request is kept here.
//
//   node github-api.mjs PORT PRISM_URL SCHEMA OUT
//
// OUT gets a line for each request: what it was, and what is wrong with it, if anything.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { appendFileSync, readFileSync } from 'node:fs';

const [port, prism, schemaFile, out, pullFile] = process.argv.slice(2);
const require = createRequire(schemaFile);
const { buildSchema, execute, parse, validate } = require('graphql');
// GitHub's own file defines two fields twice.
const schema = buildSchema(readFileSync(schemaFile, 'utf8'), { assumeValidSDL: true });

const notes = [];
const threads = [];
const reviews = [];

const say = (what, wrong = []) =>
  appendFileSync(out, JSON.stringify({ what, wrong }) + '\n');

// Asked of prism first: no state, only the description.
async function described(request, path, body) {
  const headers = { accept: 'application/json' };
  if (body) headers['content-type'] = request.headers['content-type'] ?? '';
  for (const name of ['authorization', 'x-github-api-version', 'user-agent']) {
    if (request.headers[name]) headers[name] = request.headers[name];
  }
  const answer = await fetch(prism + path, { method: request.method, headers, body: body || undefined });
  const text = await answer.text();
  // Some of the description's own examples of answers are not as it says: prism's, not llmux'.
  const violations = JSON.parse(answer.headers.get('sl-violations') ?? '[]');
  const asked = violations.filter((violation) => violation.location[0] !== 'response');
  const wrong = asked.map((violation) => `prism: ${violation.location.join('.')}: ${violation.message}`);
  if (!answer.ok && violations.length === 0) wrong.push(`prism: ${answer.status} ${text.slice(0, 300)}`);
  return wrong;
}

function rest(method, path, body) {
  const { base, head } = JSON.parse(readFileSync(pullFile, 'utf8'));
  const pull = { number: 7, state: 'open', base: { sha: base }, head: { sha: head } };
  const route = `${method} ${path.split('?')[0]}`;
  switch (route) {
    case 'GET /repos/octo/shop/pulls/7':
      return [200, pull];
    case 'GET /repos/octo/shop/pulls':
      return [200, [pull]];
    case 'POST /repos/octo/shop/issues/7/comments':
      notes.push({ body: body.body });
      return [201, { html_url: `https://github.com/octo/shop/pull/7#issuecomment-${notes.length - 1}` }];
    case 'POST /repos/octo/shop/pulls/7/reviews':
      reviews.push({ body: body.body, isMinimized: false });
      for (const comment of body.comments) {
        threads.push({ ...comment, isResolved: false, review: reviews.length - 1 });
      }
      return [200, { id: reviews.length }];
    default:
      return [404, { message: 'Not Found' }];
  }
}

const page = (nodes) => ({ pageInfo: { hasNextPage: false, endCursor: null }, nodes });
const note = (at) => ({
  id: `IC_${at}`,
  body: notes[at].body,
  url: `https://github.com/octo/shop/pull/7#issuecomment-${at}`,
  viewerDidAuthor: true,
});
const review = (at) => ({ id: `PRR_${at}`, viewerDidAuthor: true, ...reviews[at] });
const comment = (at) => ({
  id: `PRRC_${at}`,
  body: threads[at].body,
  viewerDidAuthor: true,
  pullRequestReview: review(threads[at].review),
});
const thread = (at) => ({
  id: `PRRT_${at}`,
  isResolved: threads[at].isResolved,
  path: threads[at].path,
  line: threads[at].line,
  comments: { nodes: [comment(at)] },
});
const each = (list, make) => page(list.map((_, at) => make(at)));
const index = (id) => Number(id.split('_')[1]);

const root = {
  repository: ({ owner, name }) =>
    owner === 'octo' && name === 'shop'
      ? {
          pullRequest: ({ number }) =>
            number === 7
              ? {
                  comments: () => each(notes, note),
                  reviewThreads: () => each(threads, thread),
                  reviews: () => each(reviews, review),
                }
              : null,
        }
      : null,
  updateIssueComment: ({ input }) => {
    notes[index(input.id)].body = input.body;
    return { issueComment: note(index(input.id)) };
  },
  updatePullRequestReviewComment: ({ input }) => {
    const at = index(input.pullRequestReviewCommentId);
    threads[at].body = input.body;
    return { pullRequestReviewComment: comment(at) };
  },
  resolveReviewThread: ({ input }) => {
    threads[index(input.threadId)].isResolved = true;
    return { thread: thread(index(input.threadId)) };
  },
  minimizeComment: ({ input }) => {
    reviews[index(input.subjectId)].isMinimized = true;
    return { minimizedComment: { __typename: 'PullRequestReview', ...review(index(input.subjectId)) } };
  },
};

async function graphql({ query, operationName, variables }) {
  const document = parse(query);
  const wrong = validate(schema, document).map((error) => `schema: ${error.message}`);
  if (wrong.length) return [wrong, { errors: wrong }];
  const answer = await execute({
    schema,
    document,
    rootValue: root,
    operationName,
    variableValues: variables,
  });
  return [(answer.errors ?? []).map((error) => `schema: ${error.message}`), answer];
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  let status = 404;
  let answer = { message: 'Not Found' };
  let wrong = [];
  let what = `${request.method} ${request.url}`;
  try {
    const body = text ? JSON.parse(text) : undefined;
    if (request.url === '/api/graphql') {
      what += ` ${body.operationName}`;
      [wrong, answer] = await graphql(body);
      status = 200;
    } else if (request.url.startsWith('/api/v3/')) {
      const path = request.url.slice('/api/v3'.length);
      wrong = await described(request, path, text);
      if (wrong.length) [status, answer] = [422, { message: 'Unprocessable Entity', errors: wrong }];
      else [status, answer] = rest(request.method, path, body);
      if (status === 404) wrong.push('an address that a review does not need');
    } else if (request.url === '/state') {
      [status, answer] = [200, { notes, threads, reviews }];
      what = undefined;
    }
  } catch (error) {
    wrong.push(String(error));
  }
  if (what) say(what, wrong);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}).listen(Number(port), '127.0.0.1');
