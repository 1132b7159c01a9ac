import TxaioLog

/// The service behind the gateway: a listener of its own, with the moods that such services have.
enum PriceService {
    static let log = makeLogger()

    static func start() async throws -> HTTPListener {
        let listener = try await HTTPListener.start(port: 0) { answer($0) }
        log.info("Prices are told on port {port}.", port: listener.port)
        return listener
    }

    private static func answer(_ request: Request) -> Response? {
        let item = request.path.split(separator: "/").last.map(String.init) ?? ""
        switch item {
        case "saffron": return nil
        case "truffles": return Response(.serviceUnavailable, "busy")
        default: return Response(.ok, "\(1 + Double(item.utf8.count) / 4)")
        }
    }
}
