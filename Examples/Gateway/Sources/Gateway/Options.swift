/// What the command line says.
struct Options {
    static let usage = "usage: Gateway [--config FILE] [--port N]"

    var configuration = "config/logging.yaml"
    /// 0 takes any free port.
    var port = 8080

    init(arguments: some Sequence<String>) throws(OptionError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            guard let value = rest.next() else { throw OptionError(description: "'\(argument)' needs a value") }
            switch argument {
            case "--config": configuration = value
            case "--port":
                guard let number = UInt16(value) else { throw OptionError(description: "'\(value)' is no port") }
                port = Int(number)
            default: throw OptionError(description: "unknown option '\(argument)'")
            }
        }
    }
}

struct OptionError: Error, CustomStringConvertible {
    let description: String
}
