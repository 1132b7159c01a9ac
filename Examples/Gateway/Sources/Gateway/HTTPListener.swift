import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Listens on a port of the loopback interface, and answers each request by a function.
///
/// One task serves one connection.
final class HTTPListener: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, IOData>>
    /// Answers a request; `nil` hangs up.
    typealias Answer = @Sendable (Request) async -> Response?

    /// How much a request's body may hold.
    private static let bodyLimit = 64 << 10

    let port: Int
    private let listening: NIOAsyncChannel<Connection, Never>
    private let answer: Answer
    private let connections = OpenConnections()
    private let count = Atomic<Int>(0)

    /// How many requests were answered.
    var answered: Int { count.load(ordering: .relaxed) }

    static func start(port: Int, answer: @escaping Answer) async throws -> HTTPListener {
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return HTTPListener(listening, answer)
    }

    private init(_ listening: NIOAsyncChannel<Connection, Never>, _ answer: @escaping Answer) {
        port = listening.channel.localAddress?.port ?? 0
        self.listening = listening
        self.answer = answer
    }

    /// Serves until ``stop(within:)``, and until the last connection is done.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await listening.executeThenClose { inbound in
                for try await connection in inbound {
                    await connections.add(connection.channel)
                    group.addTask { await self.serve(connection) }
                }
                await connections.endAccepting()
            }
        }
    }

    /// Takes no more connections, and closes each as soon as its request is answered, at the latest after `limit`.
    func stop(within limit: Duration) async {
        try? await listening.channel.close()
        await connections.finish(within: limit)
    }

    private func serve(_ connection: Connection) async {
        // A connection that breaks off is the client's affair, and the end of this task alone.
        try? await connection.executeThenClose { inbound, outbound in
            var request: Request?
            for try await part in inbound {
                switch part {
                case .head(let head): request = Request(head)
                case .body(let bytes):
                    request?.body.writeImmutableBuffer(bytes)
                    if request?.body.readableBytes ?? 0 > Self.bodyLimit { return }
                case .end:
                    guard let whole = request, let response = await answer(whole) else { return }
                    let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
                    try await outbound.write(contentsOf: [.head(head), .body(.byteBuffer(response.body)), .end(nil)])
                    count.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        await connections.remove(connection.channel)
    }
}

/// The connections that are open, to end them in good order.
private actor OpenConnections {
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var isFinishing = false
    private var isAccepting = true

    /// No connection follows those that were added.
    func endAccepting() { isAccepting = false }

    func add(_ channel: any Channel) {
        channels[ObjectIdentifier(channel)] = channel
        if isFinishing { quiesce(channel) }
    }

    func remove(_ channel: any Channel) { channels[ObjectIdentifier(channel)] = nil }

    func finish(within limit: Duration) async {
        isFinishing = true
        for channel in channels.values { quiesce(channel) }
        let end = ContinuousClock.now + limit
        // A connection may have been accepted, and even be read from, and not yet be added.
        while isAccepting || !channels.isEmpty, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
        for channel in channels.values { channel.close(promise: nil) }
    }

    /// The HTTP pipeline closes the channel at once where it is idle, else after the answer.
    private nonisolated func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
