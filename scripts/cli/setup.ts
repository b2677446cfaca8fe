// Imported first by every command, before anything that an older Node does not have is used.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old\n  fix: Install Node 20.19 or newer, then run \`npm ci\` again.\n`,
  );
  process.exit(2);
}

// `… | head` closes the pipe when it has enough: no reason to complain. A full disk is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`error: standard output: ${error.message}\n`);
  process.exit(2);
});
