// An HTTP server that does what Node.js programs do: files, streams, compression, cryptography, worker threads, children,
// names, timers, TLS, a cluster. Each path answers the same text in every run. Usage: server.mjs FOLDER PORT
import * as child_process from 'node:child_process';
import cluster from 'node:cluster';
import * as crypto from 'node:crypto';
import * as dgram from 'node:dgram';
import * as dns from 'node:dns';
import * as events from 'node:events';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import * as stream from 'node:stream/promises';
import * as timers from 'node:timers/promises';
import * as tls from 'node:tls';
import * as util from 'node:util';
import * as v8 from 'node:v8';
import * as worker_threads from 'node:worker_threads';
import * as zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const [folder, port] = process.argv.slice(2);
const data = path.join(folder ?? '', 'data');
const digest = content => crypto.createHash('sha256').update(content).digest('hex').slice(0, 16);
const execFile = util.promisify(child_process.execFile);
let greeting = '';
let log;

async function withFolder(use) {
  const name = await fs.promises.mkdtemp(path.join(data, 'work-'));
  try {
    return await use(name);
  } finally {
    await fs.promises.rm(name, { recursive: true });
  }
}

const actions = {
  '/': () => 'it works: ' + greeting,

  '/large': (request, response) => stream.pipeline(fs.createReadStream(path.join(data, 'large.txt')), response),

  '/packed': async (request, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    await stream.pipeline(fs.createReadStream(path.join(data, 'large.txt')), zlib.createGzip(), response);
  },

  '/upload': async request => {
    const name = path.join(data, 'upload-' + crypto.randomUUID());
    await stream.pipeline(request, fs.createWriteStream(name));
    const content = await fs.promises.readFile(name);
    await fs.promises.unlink(name);
    return `${content.length} ${digest(content)}`;
  },

  '/files': () => withFolder(async name => {
    const at = (...parts) => path.join(name, ...parts);
    await fs.promises.mkdir(at('a', 'b'), { recursive: true });
    await fs.promises.writeFile(at('a', 'text'), 'one\ntwo\n');
    await fs.promises.appendFile(at('a', 'text'), 'three\n');
    await fs.promises.link(at('a', 'text'), at('a', 'hard'));
    await fs.promises.symlink('text', at('a', 'soft'));
    await fs.promises.copyFile(at('a', 'text'), at('a', 'copy'));
    await fs.promises.cp(at('a'), at('tree'), { recursive: true });
    await fs.promises.rename(at('a', 'copy'), at('a', 'moved'));
    await fs.promises.chmod(at('a', 'moved'), 0o600);
    const file = await fs.promises.open(at('a', 'moved'), 'r+');
    await file.truncate(6);
    await file.write('ONE', 0);
    await file.writev([Buffer.from('x'), Buffer.from('y')], 3);
    await file.sync();
    await file.datasync();
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
    await file.utimes(1, 2);
    await file.close();
    await fs.promises.access(at('a', 'moved'), fs.constants.W_OK);
    const real = path.basename(await fs.promises.realpath(at('a', 'soft')));
    const entries = (await fs.promises.readdir(name, { recursive: true })).sort();
    const space = (await fs.promises.statfs(name)).blocks > 0;
    const seen = await new Promise((resolve, reject) => {
      const watcher = fs.watch(name, (event, file) => { watcher.close(); resolve(file); });
      watcher.on('error', reject);
      fs.writeFileSync(at('watched'), '');
    });
    return `${buffer} ${real} ${entries} ${space} ${seen} ${(await fs.promises.stat(at('a', 'moved'))).mtimeMs}`;
  }),

  '/crypto': async () => {
    const pair = await util.promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' });
    const signature = crypto.sign('sha256', Buffer.from('text'), pair.privateKey);
    const derived = await util.promisify(crypto.scrypt)('password', 'salt', 32);
    const key = await util.promisify(crypto.pbkdf2)('password', 'salt', 10000, 32, 'sha256');
    const random = (await util.promisify(crypto.randomBytes)(16)).length;
    const cipher = crypto.createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
    const secret = cipher.update('secret', 'utf8', 'hex') + cipher.final('hex');
    return `${crypto.verify('sha256', Buffer.from('text'), pair.publicKey, signature)} ${digest(derived)} ${secret} ${random}`;
  },

  '/compress': async () => {
    const text = (await fs.promises.readFile(path.join(data, 'large.txt'))).subarray(0, 200000);
    const packed = await util.promisify(zlib.gzip)(text);
    const small = await util.promisify(zlib.brotliCompress)(text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } });
    const back = [await util.promisify(zlib.gunzip)(packed), await util.promisify(zlib.brotliDecompress)(small)];
    return back.map(digest).join(' ');
  },

  '/workers': async () => {
    const work = number => new Promise((resolve, reject) => {
      const worker = new worker_threads.Worker(self, { workerData: number });
      let answer;
      worker.on('message', message => { answer = message; });
      worker.on('error', reject);
      worker.on('exit', () => resolve(answer));
    });
    const stopped = new worker_threads.Worker('for (;;);', { eval: true });
    await events.once(stopped, 'online');
    return `${await Promise.all([1, 2, 3, 4].map(work))} ${await stopped.terminate()}`;
  },

  '/children': async () => {
    const { stdout } = await execFile('sh', ['-c', 'echo $((6 * 7)); cat /etc/hosts']);
    const cat = child_process.spawn('cat');
    cat.stdin.end('piped');
    const [piped] = await events.once(cat.stdout, 'data');
    await events.once(cat, 'close');
    const sleeper = child_process.spawn('sleep', ['60'], { detached: true });
    sleeper.kill();
    const [, signal] = await events.once(sleeper, 'exit');
    const late = await execFile('sleep', ['60'], { timeout: 50 }).catch(error => error.signal);
    const missing = await execFile('no-such-program').catch(error => error.code);
    const sync = child_process.execSync('cat', { input: 'sync' });
    const forked = child_process.fork(self, ['forked']);
    forked.send(20);
    const [message] = await events.once(forked, 'message');
    await events.once(forked, 'exit');
    return `${stdout} ${piped} ${signal} ${late} ${missing} ${sync} ${message}`;
  },

  '/names': async () => {
    const looked = await dns.promises.lookup('localhost', { family: 4 });
    const service = await dns.promises.lookupService('127.0.0.1', 80).catch(error => error.code);
    // Nobody listens there: refused at once.
    const resolver = new dns.promises.Resolver({ timeout: 20000, tries: 1 });
    resolver.setServers(['127.0.0.1:9']);
    const refused = await resolver.resolve4('example.test').catch(error => error.code);
    return `${looked.address} ${JSON.stringify(service)} ${refused} ${os.cpus().length > 0} ${Object.keys(os.networkInterfaces())[0]}`;
  },

  '/sockets': () => withFolder(async name => {
    const echo = net.createServer(socket => socket.pipe(socket)).listen(path.join(name, 'socket'));
    await events.once(echo, 'listening');
    const client = net.connect(path.join(name, 'socket'));
    client.end('over a unix socket');
    const [answer] = await events.once(client, 'data');
    await new Promise(resolve => echo.close(resolve));
    const left = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await events.once(left, 'listening');
    left.send('datagram', left.address().port, '127.0.0.1');
    const [message] = await events.once(left, 'message');
    left.close();
    const refused = await events.once(net.connect(1, '127.0.0.1'), 'connect').catch(error => error.code);
    return `${answer} ${message} ${refused}`;
  }),

  '/tls': async () => {
    const pem = fs.readFileSync(path.join(folder, 'tls.pem'));
    const server = tls.createServer({ key: pem, cert: pem }, socket => socket.end('over tls')).listen(0, '127.0.0.1');
    await events.once(server, 'listening');
    const client = tls.connect({ host: '127.0.0.1', port: server.address().port, ca: pem, servername: 'localhost' });
    const [answer] = await events.once(client, 'data');
    const text = `${answer} ${client.getProtocol()} ${client.authorized}`;
    client.destroy();
    await new Promise(resolve => server.close(resolve));
    return text;
  },

  '/cluster': async () => {
    cluster.setupPrimary({ exec: self, args: ['clustered'] });
    const workers = [cluster.fork(), cluster.fork()];
    const [first] = await Promise.all(workers.map(worker => events.once(worker, 'listening')));
    const answers = [];
    for (let i = 0; i < 4; ++i) answers.push(await (await fetch(`http://127.0.0.1:${first[0].port}/`)).text());
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(worker => events.once(worker, 'exit')));
    return answers.join(' ');
  },

  '/timers': async () => {
    let ticks = 0;
    for await (const _ of timers.setInterval(5)) {
      if (++ticks === 3) break;
    }
    await timers.setTimeout(10);
    await timers.setImmediate();
    await new Promise(resolve => process.nextTick(resolve));
    const channel = new worker_threads.MessageChannel();
    channel.port1.postMessage(1);
    const word = Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    channel.port1.close();
    return `${ticks} ${word}`;
  },

  '/memory': () => {
    let kept = [];
    for (let i = 0; i < 300000; ++i) kept.push({ [i]: [i] });
    let buffers = [];
    for (let i = 0; i < 64; ++i) buffers.push(Buffer.alloc(1 << 20, i));
    const count = kept.length + buffers.length;
    kept = buffers = [];
    let sum = 0;
    for (let i = 0; i < 3e7; ++i) sum = (sum + i * 31) | 0;
    return `${count} ${sum} ${v8.getHeapStatistics().number_of_native_contexts > 0}`;
  },

  '/system': () => {
    const child = { pid: process.pid, name: os.hostname() };
    process.title = 'node server';
    os.setPriority(0, os.getPriority());
    return `${os.platform()} ${os.userInfo().username} ${process.memoryUsage().rss > 0} ${process.resourceUsage().maxRSS > 0} ` +
      `${os.uptime() > 0} ${os.freemem() > 0} ${process.hrtime.bigint() > 0n} ${child.pid > 0} ${process.umask().toString(8)} ` +
      `${process.getuid()} ${process.getgroups().length >= 0}`;
  },
};

async function answer(request, response) {
  log.write(`${request.method} ${request.url}\n`);
  const action = actions[request.url];
  try {
    const text = action ? await action(request, response) : 'no such path';
    if (response.headersSent || response.writableEnded) return;
    response.statusCode = action ? 200 : 404;
    response.end(text);
  } catch (error) {
    response.statusCode = 500;
    response.end(`${error}`);
  }
}

function openLog() {
  log?.end();
  log = fs.createWriteStream(path.join(folder, 'log'), { flags: 'a' });
}

function loadConfig() {
  greeting = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'))).greeting;
}

function serve() {
  openLog();
  loadConfig();
  const server = http.createServer(answer).listen(port, '127.0.0.1');
  process.on('SIGHUP', loadConfig);
  process.on('SIGUSR2', openLog);
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

if (!worker_threads.isMainThread) {
  let sum = 0;
  for (let i = 0; i < 1e6; ++i) sum += worker_threads.workerData;
  worker_threads.parentPort.postMessage(`${worker_threads.workerData}:${sum}`);
} else if (process.argv[2] === 'forked') {
  process.once('message', number => process.send(number + 1, () => process.disconnect()));
} else if (process.argv[2] === 'clustered') {
  http.createServer((request, response) => response.end('clustered')).listen(0, '127.0.0.1');
} else {
  serve();
}
