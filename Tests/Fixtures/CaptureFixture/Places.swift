public import TxaioLog

public let fileScope = makeLogger()
public let fileScopeFromClosure: TxaioLogger = { makeLogger() }()

public func freeFunction() -> TxaioLogger { makeLogger() }

public func functionWithClosure() -> TxaioLogger {
    let make = { makeLogger() }
    return make()
}

public func localType() -> TxaioLogger {
    struct Local {
        static let shared = makeLogger()
    }
    return Local.shared
}

public func localFunction() -> TxaioLogger {
    func inner() -> TxaioLogger { makeLogger() }
    return inner()
}

public let named = makeLogger("fixture.named")
public let namedConstant = NamedConstant.self
public enum NamedConstant {
    public static let log: StaticLogger = makeLogger("fixture.constant")
}

public func explicitLevel() -> TxaioLogger { makeLogger("fixture.explicit-level", level: .warn) }

/// Touched for the first time wherever a test does so.
public enum LazyOwner {
    public static let plain = makeLogger()
    public static let plainConstant: StaticLogger = makeLogger()
}

public struct RequestHandler {
    public let log = makeLogger(capturing: .scope)
    public let plain = makeLogger()
    public init() {}
}
