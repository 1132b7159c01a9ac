import TxaioLog

/// The service behind the gateway, which tells prices and stocks: a listener of its own, with the moods that such services
/// have.
enum PriceService {
    static let log = makeLogger()

    static func start() async throws -> HTTPListener {
        let listener = try await HTTPListener.start(port: 0) { await answer($0) }
        log.info("Prices are told on port {port}.", port: listener.port)
        return listener
    }

    private static func answer(_ request: Request) async -> Response? {
        let parts = request.path.split(separator: "/").map(String.init)
        let item = parts.last ?? ""
        switch (parts.first, item) {
        case ("stock", "cheese"):
            // Nobody knows why: the stock of cheese takes longer than anybody waits.
            try? await Task.sleep(for: .seconds(2))
            return nil
        case ("stock", _): return Response(.ok, "\(item.utf8.count * 7)")
        case (_, "saffron"): return nil
        case (_, "truffles"): return Response(.serviceUnavailable, "busy")
        default: return Response(.ok, "\(1 + Double(item.utf8.count) / 4)")
        }
    }
}
