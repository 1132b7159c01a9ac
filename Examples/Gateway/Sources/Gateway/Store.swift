import TxaioLog

/// Keeps the orders, in memory; there are a thousand from the start.
actor Store {
    static let log = makeLogger()

    /// What is ordered.
    ///
    /// The price service has its moods with two of them.
    static let items = [
        "tea", "coffee", "sugar", "milk", "bread", "butter", "honey", "apples", "pears", "plums",
        "rice", "beans", "lentils", "saffron", "pepper", "salt", "oil", "truffles", "cheese", "wine",
    ]

    private var orders: [Int: Order] = [:]
    private var next = 1001

    init() {
        for id in 1...1000 {
            orders[id] = Order(id: id, item: Self.items[id % Self.items.count], count: 1 + id % 7)
        }
    }

    func order(_ id: Int) -> Order? {
        let order = orders[id]
        Self.log.debug?("Order {order}: {found}.", order: id, found: order != nil)
        return order
    }

    func add(item: String, count: Int) -> Order {
        let order = Order(id: next, item: item, count: count)
        next += 1
        orders[order.id] = order
        Self.log.info("Order {order.id} is new: {order.count} x {order.item}.", order: order, orders: orders.count)
        return order
    }

    /// What an item cost when it was last asked for.
    func lastPrice(of item: String) -> Double { 1 + Double(item.utf8.count) / 4 }
}

/// What somebody ordered.
struct Order: Sendable, LogRepresentable {
    let id: Int
    let item: String
    let count: Int

    /// What templates and emitters get to see of it.
    var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["id": id, "item": item, "count": count] }

    func json(price: Double? = nil, stock: Int? = nil) -> String {
        let known = [price.map { ",\"price\":\($0)" }, stock.map { ",\"stock\":\($0)" }].compactMap(\.self).joined()
        return #"{"id":\#(id),"item":"\#(escaped(item))","count":\#(count)\#(known)}"#
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
