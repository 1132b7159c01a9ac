import TxaioLog

// The event that is logged, the same as the one the peers log, with `order_id` different at each call.
//
// Each spelling is a function that is not inlined, as a service's would not be into a loop of calls: where Swift copies a
// keyword call into several loops it makes the list of its values on the heap.

let customer = "alice"
let qty = 42
let price = 19.99
let paid = true
let region = "eu-west"
let path = "/api/v1/orders/submit/batch/000000012345"
let req = "3f2b8c1e-9d4a-4c57-8e21-7a6b5c4d3e2f"

@inline(__always)
func orderID(_ number: Int) -> Int { 1_000_000 &+ number % 1_000_000 }

/// The keyword tier: `log.info("...", name: value)`.
@inline(never)
func logKeywords(_ log: TxaioLogger, _ number: Int) {
    log.info(
        "order {order_id} accepted for {customer}",
        order_id: orderID(number),
        customer: customer,
        qty: qty,
        price: price,
        paid: paid,
        region: region,
        path: path,
        req: req
    )
}

/// The same with `?`: `log.info?("...", name: value)`.
@inline(never)
func logOptional(_ log: TxaioLogger, _ number: Int) {
    log.info?(
        "order {order_id} accepted for {customer}",
        order_id: orderID(number),
        customer: customer,
        qty: qty,
        price: price,
        paid: paid,
        region: region,
        path: path,
        req: req
    )
}

/// The tuple tier: `log.info("...", ("name", value))`.
@inline(never)
func logTuples(_ log: TxaioLogger, _ number: Int) {
    log.info(
        "order {order_id} accepted for {customer}",
        ("order_id", orderID(number)),
        ("customer", customer),
        ("qty", qty),
        ("price", price),
        ("paid", paid),
        ("region", region),
        ("path", path),
        ("req", req)
    )
}
