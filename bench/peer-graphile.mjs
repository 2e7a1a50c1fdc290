// P13, P14: N jobs of about 200 bytes through graphile-worker, in FOLDER's node_modules; prints the milliseconds of adding
// them a hundred at a time and of working them off with a local queue of 500.
import { createRequire } from "node:module";

const [folder, count] = [process.argv[2], Number(process.argv[3])];
const { run, makeWorkerUtils } = createRequire(folder + "/node_modules/x.js")("graphile-worker");
const connectionString = `postgres:///${process.env.PGDATABASE}?host=${process.env.PGHOST}&user=${process.env.PGUSER}`;
const logger = new (createRequire(folder + "/node_modules/x.js")("graphile-worker").Logger)(() => () => {});
const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
const text = "x".repeat(145);
let began = performance.now();
for (let i = 0; i < count; i += 100) {
  const jobs = [];
  for (let k = i; k < i + 100; k++)
    jobs.push({ identifier: "noop", payload: { type: "order", id: k, symbol: "BTCUSDT", text } });
  await utils.addJobs(jobs);
}
const added = performance.now() - began;
let done = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
began = performance.now();
const runner = await run({
  connectionString,
  logger,
  noHandleSignals: true,
  taskList: { noop: () => (++done === count ? finish() : undefined) },
  preset: { worker: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
});
await finished;
await runner.stop();
console.log(added.toFixed(1), (performance.now() - began).toFixed(1));
await utils.release();
process.exit(0);
