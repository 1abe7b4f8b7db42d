// One benchmark, for the process that forked it: `node benchmark.mjs <name> <settings as JSON>`.
const [name, settings] = process.argv.slice(2);
const { measure } = await import(`../${name}.mjs`);
process.send(await measure(JSON.parse(settings)));
