// What tools and workers of Node.js do: modules, synchronous files, streams, compression, workers, children of all kinds, sockets,
// datagrams, watching, timers, diagnostics. Says the same in every run. Usage: work.js FOLDER
const assert = require('assert');
const child_process = require('child_process');
const crypto = require('crypto');
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');
const http2 = require('http2');
const net = require('net');
const os = require('os');
const path = require('path');
const readline = require('readline');
const stream = require('stream/promises');
const { setTimeout: sleep } = require('timers/promises');
const v8 = require('v8');
const vm = require('vm');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const zlib = require('zlib');
const { once } = require('events');

if (!isMainThread) {
  const view = new Int32Array(workerData);
  for (let i = 0; i < 1000; i++) Atomics.add(view, 0, 1);
  parentPort.postMessage('done');
  return;
}
if (process.argv[2] === 'forked') {
  process.on('message', text => { process.send(text.toUpperCase()); process.disconnect(); });
  return;
}

const folder = process.argv[2];
const work = fs.mkdtempSync(path.join(folder, 'work-'));
const at = name => path.join(work, name);
const parts = {
  files() {
    fs.mkdirSync(at('a/b/c'), { recursive: true });
    for (let i = 0; i < 200; i++) fs.writeFileSync(at(`a/${i}.txt`), `file ${i}\n`);
    fs.copyFileSync(at('a/1.txt'), at('a/copy'), fs.constants.COPYFILE_FICLONE);
    fs.renameSync(at('a/copy'), at('a/moved'));
    fs.symlinkSync('moved', at('a/link'));
    fs.linkSync(at('a/moved'), at('a/hard'));
    fs.chmodSync(at('a/moved'), 0o600);
    fs.lutimesSync(at('a/link'), 1, 2);
    fs.truncateSync(at('a/hard'), 3);
    fs.accessSync(at('a/moved'), fs.constants.R_OK);
    const file = fs.openSync(at('a/moved'), 'r+');
    fs.writevSync(file, [Buffer.from('x'), Buffer.from('y')], 0);
    fs.fchmodSync(file, 0o644);
    fs.futimesSync(file, 3, 4);
    fs.fdatasyncSync(file);
    fs.closeSync(file);
    const real = path.basename(fs.realpathSync.native(at('a/link')));
    const count = fs.readdirSync(at('a'), { withFileTypes: true }).filter(entry => entry.isFile()).length;
    fs.rmSync(at('a'), { recursive: true });
    return `${real} ${count} ${fs.existsSync(at('a'))} ${fs.statfsSync ? fs.statfsSync(work).bsize > 0 : true}`;
  },
  async streams() {
    fs.writeFileSync(at('large'), Buffer.alloc(3000000, 'abc'));
    await stream.pipeline(fs.createReadStream(at('large')), zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
      fs.createWriteStream(at('packed')));
    const hash = crypto.createHash('sha256');
    await stream.pipeline(fs.createReadStream(at('packed')), zlib.createBrotliDecompress(), hash);
    let lines = 0;
    fs.writeFileSync(at('lines'), 'a\n'.repeat(5000));
    for await (const line of readline.createInterface({ input: fs.createReadStream(at('lines')) })) lines += line.length;
    return `${hash.digest('hex').slice(0, 16)} ${lines}`;
  },
  async workers() {
    const shared = new SharedArrayBuffer(4);
    const workers = Array.from({ length: 4 }, () => new Worker(__filename, { workerData: shared }));
    await Promise.all(workers.map(worker => once(worker, 'exit')));
    return new Int32Array(shared)[0];
  },
  async children() {
    const forked = child_process.fork(__filename, ['forked']);
    forked.send('hello');
    const [reply] = await once(forked, 'message');
    await once(forked, 'exit');
    const slow = child_process.spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    slow.kill('SIGKILL');
    const [, signal] = await once(slow, 'exit');
    const missing = child_process.spawnSync('no-such-program').error.code;
    const shell = child_process.execSync('cat | wc -c', { input: 'x'.repeat(100000) }).toString().trim();
    return `${reply} ${signal} ${missing} ${shell} ${child_process.spawnSync('sh', ['-c', 'exit 5']).status}`;
  },
  async sockets() {
    const server = net.createServer(socket => socket.pipe(socket)).listen(at('socket'));
    await once(server, 'listening');
    const client = net.connect(at('socket'));
    client.write('ping');
    const [echoed] = await once(client, 'data');
    client.destroy();
    server.close();
    const receiver = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = dgram.createSocket('udp4');
    sender.send('datagram', receiver.address().port, '127.0.0.1');
    const [datagram] = await once(receiver, 'message');
    sender.close();
    receiver.close();
    const h2 = http2.createServer((request, response) => response.end('h2')).listen(0, '127.0.0.1');
    await once(h2, 'listening');
    const session = http2.connect(`http://127.0.0.1:${h2.address().port}`);
    const request = session.request({ ':path': '/' });
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    session.close();
    h2.close();
    const address = await dns.promises.lookup('localhost', { family: 4 });
    const failed = await dns.promises.lookup('no-such-host.invalid').catch(() => 'unknown');
    return `${echoed} ${datagram} ${body} ${address.address} ${failed}`;
  },
  async watching() {
    fs.writeFileSync(at('watched'), 'one');
    const watcher = fs.watch(work);
    setTimeout(() => fs.writeFileSync(at('watched'), 'two'), 50);
    const [, name] = await once(watcher, 'change');
    watcher.close();
    fs.watchFile(at('watched'), { interval: 50 }, () => {});
    await sleep(120);
    fs.unwatchFile(at('watched'));
    return name;
  },
  system() {
    assert(os.cpus().length > 0 && os.totalmem() > 0 && os.uptime() > 0 && process.memoryUsage().rss > 0);
    os.loadavg(), os.networkInterfaces(), os.userInfo(), os.setPriority(os.getPriority()), process.resourceUsage(), process.hrtime();
    const old = process.umask(0o27);
    process.umask(old);
    v8.setFlagsFromString('--expose-gc');
    vm.runInNewContext('gc')();
    v8.writeHeapSnapshot(at('heap'));
    const key = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signed = crypto.sign('sha256', Buffer.from('x'), key.privateKey);
    return `${crypto.verify('sha256', Buffer.from('x'), key.publicKey, signed)} ${crypto.scryptSync('a', 'b', 8).toString('hex')}`;
  },
};

(async () => {
  const said = [];
  for (const [name, part] of Object.entries(parts)) said.push(`${name}: ${await part()}`);
  fs.rmSync(work, { recursive: true });
  fs.writeFileSync(path.join(folder, 'out'), said.join('\n') + '\n');
})();
