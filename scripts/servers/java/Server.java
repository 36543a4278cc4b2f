import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** An HTTP server that does what Java programs do: files, children, threads, channels, compression, cryptography, and
 * enough garbage for several collections. Each path answers the same text in every run. Usage: Server FOLDER PORT */
public final class Server {
  private interface Action {
    String answer(byte[] body) throws Exception;
  }

  private static Path folder;
  private static Path data;
  private static volatile Object sink;

  private static final Map<String, Action> ACTIONS = new TreeMap<>();

  static {
    ACTIONS.put("/", body -> "it works: " + Files.readString(folder.resolve("greeting")).strip());
    ACTIONS.put("/large", body -> Files.readString(data.resolve("large.txt")));
    ACTIONS.put("/upload", Server::upload);
    ACTIONS.put("/files", body -> files());
    ACTIONS.put("/children", body -> children());
    ACTIONS.put("/threads", body -> threads());
    ACTIONS.put("/channels", body -> channels());
    ACTIONS.put("/network", body -> network());
    ACTIONS.put("/compress", body -> compress());
    ACTIONS.put("/crypto", body -> crypto());
    ACTIONS.put("/memory", body -> memory());
    ACTIONS.put("/compile", body -> compile());
    ACTIONS.put("/system", body -> system());
    ACTIONS.put("/client", body -> client());
  }

  private static String digest(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 8);
  }

  private static String upload(byte[] body) throws Exception {
    Path file = Files.createTempFile(data, "upload", null);
    Files.write(file, body, StandardOpenOption.SYNC);
    String answer = Files.size(file) + " " + digest(Files.readAllBytes(file));
    Files.delete(file);
    return answer;
  }

  private static String files() throws Exception {
    Path root = Files.createTempDirectory(data, "work");
    Path tree = Files.createDirectories(root.resolve("a/b"));
    Path text = Files.writeString(root.resolve("a/text"), "one\ntwo\n");
    Files.createLink(root.resolve("a/hard"), text);
    Files.createSymbolicLink(root.resolve("a/soft"), Path.of("text"));
    Files.copy(text, root.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
    Path moved = Files.move(root.resolve("copy"), root.resolve("moved"), StandardCopyOption.ATOMIC_MOVE);
    Files.setPosixFilePermissions(moved, PosixFilePermissions.fromString("rw-r-----"));
    try (FileChannel channel = FileChannel.open(moved, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel target = FileChannel.open(root.resolve("target"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock().release();
      MappedByteBuffer view = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096);
      view.put(0, (byte) 'O');
      view.force();
      channel.truncate(8);
      channel.write(ByteBuffer.wrap("!".getBytes()), 3);
      channel.force(true);
      channel.transferTo(0, 8, target);
    }
    Files.setLastModifiedTime(moved, FileTime.fromMillis(2000));
    var watcher = FileSystems.getDefault().newWatchService();
    tree.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
    Files.createFile(tree.resolve("watched"));
    var seen = watcher.poll(30, TimeUnit.SECONDS).pollEvents().get(0).context();
    watcher.close();
    List<String> names;
    try (var walk = Files.walk(root)) {
      names = walk.map(path -> root.relativize(path).toString()).sorted().collect(Collectors.toList());
    }
    String answer = Files.readString(root.resolve("target")) + Files.readSymbolicLink(root.resolve("a/soft")) + names + seen
        + Files.getLastModifiedTime(moved).toMillis() + (Files.getFileStore(root).getTotalSpace() > 0)
        + Files.getOwner(moved).getName() + Files.isSameFile(text, root.resolve("a/hard")) + root.resolve("a/soft").toRealPath().getFileName();
    Files.walkFileTree(root, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
        Files.delete(directory);
        return FileVisitResult.CONTINUE;
      }
    });
    return answer;
  }

  private static String children() throws Exception {
    Process shell = new ProcessBuilder("sh", "-c", "echo $((6 * 7)); cat; exit 3").redirectErrorStream(true).start();
    try (OutputStream in = shell.getOutputStream()) {
      in.write("given".getBytes());
    }
    String said = new String(shell.getInputStream().readAllBytes());
    int code = shell.waitFor();
    Process sleeper = new ProcessBuilder("sleep", "60").inheritIO().start();
    boolean alive = sleeper.toHandle().isAlive() && !sleeper.waitFor(50, TimeUnit.MILLISECONDS);
    sleeper.destroyForcibly();
    String missing = "found";
    try {
      new ProcessBuilder("no-such-program").start();
    } catch (IOException error) {
      missing = "missing";
    }
    return said + " " + code + " " + alive + " " + sleeper.onExit().get().exitValue() + " " + missing;
  }

  private static String threads() throws Exception {
    var pool = Executors.newFixedThreadPool(16);
    var latch = new CountDownLatch(64);
    for (int i = 0; i < 64; ++i) {
      pool.submit(() -> {
        LockSupport.parkNanos(1_000_000);
        latch.countDown();
      });
    }
    latch.await();
    pool.shutdown();
    ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    var scheduled = timer.schedule(() -> 5, 20, TimeUnit.MILLISECONDS);
    int sum = ForkJoinPool.commonPool().submit(() -> IntStream.range(0, 1_000_000).parallel().map(i -> i % 7).sum()).get();
    Object monitor = new Object();
    Thread waiter = new Thread(() -> {
      synchronized (monitor) {
        try {
          monitor.wait();
        } catch (InterruptedException expected) {
          Thread.currentThread().interrupt();
        }
      }
    });
    waiter.setPriority(Thread.MAX_PRIORITY);
    waiter.start();
    while (waiter.getState() != Thread.State.WAITING) Thread.yield();
    waiter.interrupt();
    waiter.join();
    Thread.yield();
    String answer = sum + " " + scheduled.get() + " " + CompletableFuture.supplyAsync(() -> 8).thenApply(i -> i + 1).get();
    timer.shutdownNow();
    return answer;
  }

  private static String channels() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        Selector selector = Selector.open();
        SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      selector.select(30000);
      SocketChannel accepted = server.accept();
      accepted.configureBlocking(false);
      accepted.register(selector, SelectionKey.OP_READ);
      client.write(new ByteBuffer[] {ByteBuffer.wrap("through ".getBytes()), ByteBuffer.wrap("a selector".getBytes())});
      selector.selectedKeys().clear();
      selector.select(30000);
      ByteBuffer got = ByteBuffer.allocateDirect(100);
      accepted.read(got);
      accepted.shutdownOutput();
      accepted.close();
      selector.wakeup();
      selector.selectNow();
      byte[] text = new byte[got.flip().remaining()];
      got.get(text);
      return new String(text) + " " + unixSocket();
    }
  }

  private static String unixSocket() throws Exception {
    Path path = Files.createTempDirectory(data, "socket").resolve("s");
    var address = UnixDomainSocketAddress.of(path);
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      try (var client = SocketChannel.open(address); var accepted = server.accept()) {
        client.write(ByteBuffer.wrap("unix".getBytes()));
        ByteBuffer got = ByteBuffer.allocate(10);
        return "" + accepted.read(got);
      }
    } finally {
      Files.delete(path);
      Files.delete(path.getParent());
    }
  }

  private static String network() throws Exception {
    String text;
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.setTcpNoDelay(true);
      client.setKeepAlive(true);
      client.setSoTimeout(30000);
      accepted.getOutputStream().write("plain".getBytes());
      text = new String(client.getInputStream().readNBytes(5));
    }
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.send(new DatagramPacket(new byte[] {1, 2}, 2, socket.getLocalSocketAddress()));
      DatagramPacket packet = new DatagramPacket(new byte[10], 10);
      socket.receive(packet);
      text += packet.getLength();
    }
    try (Socket refused = new Socket()) {
      refused.connect(new InetSocketAddress("127.0.0.1", 1), 1000);
    } catch (ConnectException error) {
      text += " refused";
    }
    return text + " " + InetAddress.getByName("localhost").getHostAddress() + " "
        + NetworkInterface.networkInterfaces().anyMatch(each -> each.getName().equals("lo"));
  }

  private static String compress() throws Exception {
    byte[] content = Files.readAllBytes(data.resolve("large.txt"));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    CRC32 crc = new CRC32();
    try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(packed.toByteArray()))) {
      crc.update(in.readAllBytes());
    }
    return Long.toHexString(crc.getValue());
  }

  private static String crypto() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256, new SecureRandom());
    var pair = generator.generateKeyPair();
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(pair.getPrivate());
    signature.update("text".getBytes());
    byte[] signed = signature.sign();
    signature.initVerify(pair.getPublic());
    signature.update("text".getBytes());
    return signature.verify(signed) + " " + SecureRandom.getInstanceStrong().generateSeed(8).length;
  }

  /** Garbage, survivors, memory outside of the heap, and collections that somebody asks for. */
  private static String memory() {
    List<byte[]> kept = new ArrayList<>();
    long sum = 0;
    for (int i = 0; i < 4000; ++i) {
      byte[] block = new byte[64 << 10];
      block[i % block.length] = 1;
      sum += block.length;
      if (i % 10 == 0) kept.add(block);
      if (kept.size() > 300) kept.subList(0, 200).clear();
    }
    List<ByteBuffer> outside = IntStream.range(0, 16).mapToObj(i -> ByteBuffer.allocateDirect(1 << 20)).collect(Collectors.toList());
    sink = kept;
    int count = outside.size();
    outside.clear();
    kept.clear();
    System.gc();
    System.runFinalization();
    return sum + " " + count + " " + (ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(bean -> bean.getCollectionCount()).sum() > 0);
  }

  /** Enough of the same for the compilers to take it up, at several levels, and to throw it away again. */
  private static String compile() {
    long sum = 0;
    for (int i = 0; i < 3_000_000; ++i) sum += mixed(i, i % 1000 == 0 ? "text" : Integer.valueOf(i));
    Map<Integer, String> words = IntStream.range(0, 20000).boxed().collect(Collectors.toMap(i -> i, i -> "word " + i));
    return sum + " " + words.values().stream().map(String::hashCode).reduce(0, Integer::sum);
  }

  private static long mixed(int number, Object object) {
    if (object instanceof Integer value) return value * 31L ^ number;
    return String.format("%s %d", object, number).length();
  }

  private static String system() throws Exception {
    var bean = ManagementFactory.getOperatingSystemMXBean();
    boolean usage = bean.getSystemLoadAverage() >= 0 && Runtime.getRuntime().availableProcessors() > 0
        && ((com.sun.management.UnixOperatingSystemMXBean) bean).getOpenFileDescriptorCount() > 0
        && ((com.sun.management.OperatingSystemMXBean) bean).getProcessCpuLoad() >= 0
        && ManagementFactory.getThreadMXBean().getThreadCount() > 0 && ManagementFactory.getRuntimeMXBean().getPid() > 0
        && ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() > 0
        && ManagementFactory.getThreadMXBean().dumpAllThreads(true, true).length > 0;
    return usage + " " + ProcessHandle.current().isAlive() + " " + ProcessHandle.allProcesses().count() / 1000 + " "
        + ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneId.of("Europe/Paris")).toEpochSecond() + " " + System.getProperty("user.name");
  }

  private static String client() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> send(exchange, 200, "inner".getBytes()));
    server.start();
    try {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/")).build();
      return HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofString()).get().body();
    } finally {
      server.stop(0);
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
    boolean silent = exchange.getRequestMethod().equals("HEAD") || content.length == 0;
    exchange.sendResponseHeaders(status, silent ? -1 : content.length);
    if (!silent) exchange.getResponseBody().write(content);
    exchange.close();
  }

  private static void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Action action = ACTIONS.get(exchange.getRequestURI().getPath());
    try {
      send(exchange, action == null ? 404 : 200, (action == null ? "no such path" : action.answer(body)).getBytes(StandardCharsets.UTF_8));
    } catch (Exception error) {
      send(exchange, 500, error.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  public static void main(String[] arguments) throws Exception {
    folder = Path.of(arguments[0]);
    data = folder.resolve("data");
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])), 64);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/", Server::handle);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.stop(0);
      try {
        Files.writeString(folder.resolve("stopped"), "cleanly\n");
      } catch (IOException error) {
        System.err.println(error);
      }
    }));
    server.start();
  }
}
