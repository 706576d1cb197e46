// A charging station by the `ocpp-rpc` package in strict mode: it checks each of our frames against its own schemas.
//
// Commands come as JSON lines on stdin, one at a time: {"call": action, "params": {...}} sends a request,
// {"answers": {action: answer}} says how requests are answered from now on, {"close": true} hangs up.
// Each gets one JSON line on stdout; requests received are told as {"asked": action, "params": {...}} lines,
// whatever broke a schema as {"violation": text}.

const readline = require("readline");
const { RPCClient } = require("ocpp-rpc");

const [endpoint, identity, password, protocol] = process.argv.slice(2);
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const client = new RPCClient({ endpoint, identity, password, protocols: [protocol], strictMode: true, reconnect: false });
let answers = {};

client.on("strictValidationFailure", ({ error, method }) => say({ violation: `${method}: ${error.message}` }));
client.handle(({ method, params }) => {
  say({ asked: method, params });
  return answers[method] ?? {};
});

async function obey(command) {
  if (command.answers) {
    answers = command.answers;
    return say({ done: true });
  }
  if (command.close) {
    await client.close();
    return say({ done: true });
  }
  try {
    say({ result: await client.call(command.call, command.params) });
  } catch (error) {
    say({ error: error.message });
  }
}

async function main() {
  await client.connect();
  say({ connected: client.protocol });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await obey(JSON.parse(line));
  }
}

main().catch((error) => {
  say({ error: error.message });
  process.exit(1);
});
