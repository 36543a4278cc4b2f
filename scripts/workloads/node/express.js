// An application of Express: routes, static files, bodies, sent files, children, files watched. Answers are the same in every run.
// Usage: express.js FOLDER PORT
const child_process = require('child_process');
const crypto = require('crypto');
const express = require('express');
const fs = require('fs');
const path = require('path');

const [folder, port] = process.argv.slice(2);
const app = express();
app.use('/static', express.static(path.join(folder, 'static')));
app.use(express.raw({ type: () => true, limit: '5mb' }));
app.get('/', (request, response) => response.json({ text: 'it works', query: request.query }));
app.get('/file', (request, response) => response.sendFile(path.join(folder, 'static', 'large.txt')));
app.get('/moved', (request, response) => response.redirect('/'));
app.post('/upload', (request, response) => response.send(crypto.createHash('sha256').update(request.body).digest('hex').slice(0, 16)));
app.get('/child', (request, response) => {
  const child = child_process.spawn('sh', ['-c', 'cat; exit 3'], { cwd: '/' });
  let said = '';
  child.stdout.on('data', data => { said += data; });
  child.on('close', code => response.send(`${said} ${code}`));
  child.stdin.end('hello');
});
app.get('/watch', (request, response) => {
  const name = path.join(folder, `watched-${crypto.randomUUID()}`);
  fs.writeFileSync(name, 'one');
  const watcher = fs.watch(name, () => {
    watcher.close();
    fs.unlinkSync(name);
    response.send('changed');
  });
  fs.appendFileSync(name, 'two');
});
app.get('/broken', () => { throw new Error('broken'); });
// eslint-disable-next-line no-unused-vars
app.use((error, request, response, next) => response.status(500).send(error.message));
const server = app.listen(port, '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections());
