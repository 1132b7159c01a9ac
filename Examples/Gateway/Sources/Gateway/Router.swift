import NIOCore
import NIOHTTP1
import TxaioLog

/// Finds out what a request wants, and asks store and upstreams for it.
struct Router: Sendable {
    static let log = makeLogger()

    let store: Store
    let quotes: Quotes

    func answer(_ request: Request) async -> Response {
        let parts = request.path.split(separator: "/").map(String.init)
        Self.log.debug?("Looking for a route of {parts}.", parts: parts)
        switch (request.method, parts.first, parts.count) {
        case (.GET, "health", 1): return Response(.ok, #"{"status":"up"}"#)
        case (.GET, "orders", 2): return await order(parts[1])
        case (.POST, "orders", 1): return await newOrder(request)
        case (_, "orders", 1...2), (_, "health", 1): return Response(.methodNotAllowed, #"{"error":"method"}"#)
        default: return Response(.notFound, #"{"error":"no such route"}"#)
        }
    }

    private func order(_ id: String) async -> Response {
        guard let id = Int(id), let order = await store.order(id) else {
            return Response(.notFound, #"{"error":"no such order"}"#)
        }
        do {
            let quote = try await quotes.quote(of: order.item)
            return Response(.ok, order.json(price: quote.price, stock: quote.stock))
        } catch {
            switch error {
            case .busy:
                let price = await store.lastPrice(of: order.item)
                Self.log.warn("Order {order} goes out with the last known price, {price}.", order: id, price: price)
                return Response(.ok, order.json(price: price))
            case .unavailable: return Response(.badGateway, #"{"error":"no price"}"#)
            }
        }
    }

    private func newOrder(_ request: Request) async -> Response {
        let form = Form(String(buffer: request.body))
        guard let item = form["item"], !item.isEmpty, let count = form["count"].flatMap(Int.init), count > 0 else {
            Self.log.warn("Not an order: {body!r:.80}", body: String(buffer: request.body))
            return Response(.badRequest, #"{"error":"an order has item and count"}"#)
        }
        let order = await store.add(item: item, count: count)
        return Response(.created, order.json())
    }
}

/// A body like `item=tea&count=2`.
private struct Form {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
    }

    subscript(name: String) -> String? { values[name] }
}
