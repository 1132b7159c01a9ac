import TxaioCore

/// F1 to F3: what futures cost, on the loop itself.
///
/// The same programs run on each framework; `suffix` says which.
func futures(_ run: Run, on runtime: TxaioRuntime, suffix: String) {
    runtime.wait { isDone in
        switch run.workload {
        case "F1": single(run, runtime, suffix)
        case "F2": gathered(run, runtime, suffix)
        default: chained(run, runtime, suffix)
        }
        isDone()
    }
}

/// What callbacks count; the loop's thread alone touches it.
private final class Count: @unchecked Sendable {
    var value = 0
}

/// A future is made, gets a callback, is resolved, the callback runs.
private func single(_ run: Run, _ runtime: TxaioRuntime, _ suffix: String) {
    let sum = Count()
    run.measure("ns_per_future\(suffix)", batch: 1_000, isFirst: true) { number in
        let future = runtime.createFuture(of: Int.self)
        future.addCallbacks { sum.value &+= $0 }
        try? future.resolve(number)
    }
    keep(sum.value)
}

/// A thousand futures are gathered and resolved, and the result is seen.
private func gathered(_ run: Run, _ runtime: TxaioRuntime, _ suffix: String) {
    let seen = Count()
    run.measure("us_per_gather1000\(suffix)", unit: "us", batch: 10, isFirst: true) { _ in
        let members = (0..<1_000).map { _ in runtime.createFuture(of: Int.self) }
        runtime.gather(members).addCallbacks { seen.value &+= $0.count }
        for (number, member) in members.enumerated() { try? member.resolve(number) }
    }
    guard seen.value > 0, seen.value % 1_000 == 0 else { return complain("gather gave \(seen.value) results") }
}

/// A future with ten others mapped from it in a row is resolved.
private func chained(_ run: Run, _ runtime: TxaioRuntime, _ suffix: String) {
    let sum = Count()
    run.measure("ns_per_chain10\(suffix)", batch: 100, isFirst: true) { number in
        let first = runtime.createFuture(of: Int.self)
        var last = first
        for _ in 0..<10 { last = last.map { $0 &+ 1 } }
        last.addCallbacks { sum.value &+= $0 }
        try? first.resolve(number)
    }
    keep(sum.value)
}

/// Keeps the compiler from leaving out what made a value.
@inline(never)
private func keep(_ value: Int) {}
