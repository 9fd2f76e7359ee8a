// Writes .br and .gz beside each asset, so that the gateway compresses nothing at run time.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { dist } from "./dist.ts";

// Below this, a packet is saved by neither.
const SMALLEST = 1024;
const TEXT = /\.(js|css|svg|json|txt|map)$/;
const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

async function compress(path: string): Promise<void> {
  const content = readFileSync(path);
  if (content.length <= SMALLEST) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const [br, gz] = await Promise.all([brotli(content, { params }), zip(content, { level: 9 })]);
  for (const [suffix, smaller] of Object.entries({ br, gz })) {
    if (smaller.length < content.length) writeFileSync(`${path}.${suffix}`, smaller);
  }
}

const assets = join(dist, "assets");
const files = readdirSync(assets).filter((name) => TEXT.test(name));
await Promise.all(files.map((name) => compress(join(assets, name))));
