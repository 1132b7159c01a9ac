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
    private let listening: any Channel
    private let connections: OpenConnections

    /// How many requests were answered.
    var answered: Int { connections.answered.load(ordering: .relaxed) }

    /// Listens.
    ///
    /// - Parameters:
    ///   - port: 0 for one that is free.
    ///   - idle: Closes connections that nobody uses; without it they stay open.
    ///   - answer: Answers each request.
    static func start(port: Int, idle: IdleConnections? = nil, answer: @escaping Answer) async throws -> HTTPListener {
        let connections = OpenConnections()
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    let connection = try Connection(wrappingChannelSynchronously: channel)
                    // Handed to its task here and now: one that waited to be fetched could be left behind by `stop`.
                    connections.add(channel)
                    Task { await serve(connection, connections, idle, answer) }
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        return HTTPListener(listening, connections)
    }

    private init(_ listening: any Channel, _ connections: OpenConnections) {
        port = listening.localAddress?.port ?? 0
        self.listening = listening
        self.connections = connections
    }

    /// Serves until ``stop(within:)``, and until the last connection is done.
    func run() async throws {
        try await listening.closeFuture.get()
        await connections.waitUntilNone()
    }

    /// Takes no more connections, and closes each as soon as its request is answered, at the latest after `limit`.
    func stop(within limit: Duration) async {
        try? await listening.close()
        await connections.finish(within: limit)
    }

    private static func serve(
        _ connection: Connection,
        _ connections: OpenConnections,
        _ idle: IdleConnections?,
        _ answer: Answer
    ) async {
        var isIdle = idle?.begins(connection.channel)
        // A connection that breaks off is the client's affair, and the end of this task alone.
        try? await connection.executeThenClose { inbound, outbound in
            var request: Request?
            for try await part in inbound {
                switch part {
                case .head(let head):
                    isIdle?.cancel()
                    request = Request(head)
                case .body(let bytes):
                    request?.body.writeImmutableBuffer(bytes)
                    if request?.body.readableBytes ?? 0 > bodyLimit { return }
                case .end:
                    guard let whole = request, let response = await answer(whole) else { return }
                    let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
                    try await outbound.write(contentsOf: [.head(head), .body(.byteBuffer(response.body)), .end(nil)])
                    connections.answered.wrappingAdd(1, ordering: .relaxed)
                    isIdle = idle?.begins(connection.channel)
                }
            }
        }
        isIdle?.cancel()
        connections.remove(connection.channel)
    }
}

/// The connections that are open, to end them in good order.
private final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isFinishing = false
    }

    let answered = Atomic<Int>(0)
    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let isFinishing = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isFinishing
        }
        if isFinishing { quiesce(channel) }
    }

    func remove(_ channel: any Channel) {
        state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
    }

    func finish(within limit: Duration) async {
        let open = state.withLock { state in
            state.isFinishing = true
            return Array(state.channels.values)
        }
        for channel in open { quiesce(channel) }
        let end = ContinuousClock.now + limit
        while !isEmpty, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    func waitUntilNone() async {
        while !isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
    }

    private var isEmpty: Bool { state.withLock { $0.channels.isEmpty } }

    /// The HTTP pipeline closes the channel at once where it is idle, else after the answer.
    private func quiesce(_ channel: any Channel) {
        channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
