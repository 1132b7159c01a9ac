import NIOCore
import NIOHTTP1
import NIOPosix
import TxaioLog

/// Asks the price service, over HTTP, with a connection for each question.
struct Upstream: Sendable {
    static let log = makeLogger()

    let port: Int

    func price(of item: String) async throws(UpstreamError) -> Double {
        let start = ContinuousClock.now
        let status: Int
        let text: String
        do {
            (status, text) = try await get("/prices/\(item)")
        } catch {
            let failure = PriceUnavailable(item: item, cause: error)
            Self.log.failure(
                failure,
                "No price for {item} after {ms:.1f} ms: {error}",
                item: item,
                ms: (ContinuousClock.now - start) / .milliseconds(1)
            )
            throw .unavailable
        }
        Self.log.debug?("{item}: {status} {text!r}", item: item, status: status, text: text)
        guard status != 503 else { throw .busy }
        guard status == 200, let price = Double(text) else {
            Self.log.error("The price service answered {status} {text!r:.80}", status: status, text: text, item: item)
            throw .unavailable
        }
        return price
    }

    /// How many there are in stock.
    func stock(of item: String) async throws -> Double {
        let (status, text) = try await get("/stock/\(item)")
        Self.log.debug?("{item}: {status} {text!r}", item: item, status: status, text: text)
        guard status == 200, let stock = Double(text) else { throw UpstreamError.unavailable }
        return stock
    }

    /// Status and text of the answer.
    private func get(_ path: String) async throws -> (Int, String) {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(2))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, IOData>>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            let headers: HTTPHeaders = ["host": "127.0.0.1", "connection": "close"]
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
            try await outbound.write(contentsOf: [.head(head), .end(nil)])
            var status = 0
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let head): status = Int(head.status.code)
                case .body(let bytes): body.writeImmutableBuffer(bytes)
                case .end: return (status, String(buffer: body))
                }
            }
            throw ConnectionClosed(received: status == 0 ? 0 : body.readableBytes)
        }
    }
}

/// Why there is no price.
enum UpstreamError: Error {
    /// Later there may be one.
    case busy
    /// There is none.
    case unavailable
}

/// What the log says of it, with the error that led to it.
struct PriceUnavailable: FailureDetails, CustomStringConvertible {
    let item: String
    let cause: (any Error)?

    var description: String { "the price service did not answer" }
}

/// The other side hung up in the middle.
struct ConnectionClosed: Error, CustomStringConvertible {
    let received: Int

    var description: String { "connection closed after \(received) bytes" }
}
