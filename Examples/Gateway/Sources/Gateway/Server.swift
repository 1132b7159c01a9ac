import NIOHTTP1
import TxaioLog

/// Gives each request its id, has it answered, and logs that it was.
struct Server: Sendable {
    static let log = makeLogger()

    let router: Router

    func answer(_ request: Request) async -> Response {
        let id = RequestID(request.headers.first(name: "X-Request-ID")) ?? RequestID()
        // Every event below carries the id, whoever logs it and whatever awaits happen in between.
        var response = await withLogContext(["request_id": id.text]) {
            let start = ContinuousClock.now
            Self.log.debug?("{method} {path} came in.", method: request.method.rawValue, path: request.path)
            let response = await router.answer(request)
            Self.log.info(
                "{method} {path} {status} in {ms:.1f} ms",
                method: request.method.rawValue,
                path: request.path,
                status: Int(response.status.code),
                ms: (ContinuousClock.now - start) / .milliseconds(1),
                bytes: response.body.readableBytes
            )
            return response
        }
        response.headers.replaceOrAdd(name: "X-Request-ID", value: id.text)
        return response
    }
}

/// What names one request, in all events and in the answer.
struct RequestID {
    let text: String

    /// Makes one.
    init() {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        text = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Takes the client's, if it is short and has nothing in it but letters, digits, `-`, `_` and `.`.
    init?(_ given: String?) {
        guard let given, (1...64).contains(given.utf8.count), given.utf8.allSatisfy(Self.isAllowed) else { return nil }
        text = given
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
