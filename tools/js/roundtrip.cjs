// SPDX-License-Identifier: Apache-2.0
// A line in, a line out: a call as JSON, and what the AWS SDK for JavaScript made of its answer.
//
// {client, operation, input} names a package of @aws-sdk and a command; texts under $blob are bytes in base64,
// numbers under $date milliseconds, texts under $float what JSON has no number for. Answers are {output} or
// {error}. Arguments: the folder that the packages are in, the endpoint, "cbor" for RPC v2 with CBOR.
"use strict";
const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const [folder, endpoint, protocol] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(folder), "package.json"));
const clients = new Map();

function clientOf(name) {
  if (!clients.has(name)) {
    const sdk = load(`@aws-sdk/client-${name}`);
    const options = {
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDCONFORMANCE00001", secretAccessKey: "secret" },
      maxAttempts: 1,
      disableHostPrefix: true,
    };
    if (protocol === "cbor") {
      options.protocol = load("@aws-sdk/core/protocols").AwsSmithyRpcV2CborProtocol;
    }
    const Client = Object.entries(sdk).find(([key, value]) => key.endsWith("Client") && key !== "__Client" && value.prototype?.send);
    clients.set(name, { sdk, client: new Client[1](options) });
  }
  return clients.get(name);
}

function untagged(value) {
  if (Array.isArray(value)) return value.map(untagged);
  if (value === null || typeof value !== "object") return value;
  if ("$blob" in value) return new Uint8Array(Buffer.from(value.$blob, "base64"));
  if ("$date" in value) return new Date(value.$date);
  if ("$float" in value) return Number(value.$float);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untagged(item)]));
}

function tagged(value) {
  if (value instanceof Uint8Array) return { $blob: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { $date: value.getTime() };
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) return { $float: String(value) };
  if (Array.isArray(value)) return value.map(tagged);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, tagged(item)]),
  );
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const call = JSON.parse(line);
    let answer;
    try {
      const { sdk, client } = clientOf(call.client);
      const { $metadata, ...output } = await client.send(new sdk[`${call.operation}Command`](untagged(call.input)));
      answer = { output: tagged(output) };
    } catch (error) {
      answer = { error: `${error.name}: ${error.message}`.slice(0, 300) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main();
