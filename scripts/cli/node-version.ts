// Imported first by every command, before anything that an older Node does not have is used.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old\n  fix: Install Node 20.19 or newer, then run \`npm ci\` again.\n`,
  );
  process.exit(2);
}
