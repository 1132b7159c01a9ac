/// What the command line says.
struct Options {
    static let usage = "usage: Gateway [--config FILE] [--port N] [--idle SECONDS]"

    /// `nil` for `config/logging.yaml`, or what `TXAIO_CONFIG` names.
    var configuration: String?
    /// 0 takes any free port.
    var port = 8080
    /// Seconds after which a connection that nobody uses is closed.
    var idle = 30.0

    init(arguments: some Sequence<String>) throws(OptionError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            guard let value = rest.next() else { throw OptionError(description: "'\(argument)' needs a value") }
            switch argument {
            case "--config": configuration = value
            case "--port":
                guard let number = UInt16(value) else { throw OptionError(description: "'\(value)' is no port") }
                port = Int(number)
            case "--idle":
                guard let seconds = Double(value), seconds > 0, seconds.isFinite else {
                    throw OptionError(description: "'\(value)' is no number of seconds")
                }
                idle = seconds
            default: throw OptionError(description: "unknown option '\(argument)'")
            }
        }
    }
}

struct OptionError: Error, CustomStringConvertible {
    let description: String
}
