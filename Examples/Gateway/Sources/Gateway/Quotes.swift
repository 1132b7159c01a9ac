import TxaioCore
import TxaioLog

/// What an item costs, and how many there are.
struct Quote: Sendable {
    let price: Double
    /// Unknown where nobody said it in time.
    let stock: Int?
}

/// Asks both upstreams at once, and does not wait long for the one that it can do without.
struct Quotes: Sendable {
    static let log = makeLogger()
    private static let patience = 0.1

    let runtime: TxaioRuntime
    let upstream: Upstream

    func quote(of item: String) async throws(UpstreamError) -> Quote {
        let price = runtime.asFuture { try await upstream.price(of: item) }
        let stock = runtime.asFuture { try await upstream.stock(of: item) }
        // Runs on the event loop, within the request's log scope all the same: its events have the request's id.
        let timeout = runtime.callLater(Self.patience) {
            Self.log.warn("No stock of {item} within {seconds} s.", item: item, seconds: Self.patience)
            stock.cancel("too late")
        }
        let figures = await both(price, stock)
        timeout.cancel()
        switch figures.price {
        case .success(let price): return Quote(price: price, stock: figures.stock)
        case .failure(let failure): throw failure.value as? UpstreamError ?? .unavailable
        }
    }

    /// Waits for both, whatever becomes of them.
    private func both(
        _ price: TxaioFuture<Double>,
        _ stock: TxaioFuture<Double>
    ) async -> (price: Result<Double, FutureFailure>, stock: Int?) {
        guard let results = try? await runtime.gather([price, stock]).value, results.count == 2 else {
            return (.failure(FutureFailure(UpstreamError.unavailable)), nil)
        }
        return (results[0], (try? results[1].get()).map { Int($0) })
    }
}
