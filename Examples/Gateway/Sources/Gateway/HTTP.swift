import NIOCore
import NIOHTTP1

/// One request, read whole.
struct Request: Sendable {
    let method: HTTPMethod
    /// Path and query, as they came.
    let uri: String
    let headers: HTTPHeaders
    var body: ByteBuffer

    /// The path, without the query.
    var path: String { String(uri.prefix { $0 != "?" }) }

    init(_ head: HTTPRequestHead) {
        method = head.method
        uri = head.uri
        headers = head.headers
        body = ByteBuffer()
    }
}

/// One answer.
struct Response: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: ByteBuffer

    init(_ status: HTTPResponseStatus, _ text: String) {
        self.status = status
        body = ByteBuffer(string: text)
        headers = ["content-type": "application/json", "content-length": "\(body.readableBytes)"]
    }
}
