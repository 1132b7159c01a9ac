#if Configuration
internal import CTxaio
internal import Foundation
internal import TxaioLog

/// The other side of a control socket: what the tool asks a running service by.
package struct ControlClient: Sendable {
    private let path: String
    /// Seconds for each step.
    private static let patience: Int32 = 15

    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    package init(path: String) { self.path = path }

    /// Sends a request and decodes its answer.
    ///
    /// - Throws: ``Failure`` where nobody listens, may not be talked to, or refuses.
    package func ask<Answer: Decodable>(
        _ request: String,
        for type: Answer.Type = Answer.self
    ) throws(Failure) -> Answer {
        let line = try answer(to: request)
        if line.starts(with: "error ".utf8) {
            throw Failure(description: String(decoding: line.dropFirst("error ".utf8.count), as: UTF8.self))
        }
        do {
            return try JSONDecoder().decode(type, from: Data(line.dropFirst("ok ".utf8.count)))
        } catch {
            throw Failure(description: "\(Quotation.of(path)) gave an answer that makes no sense")
        }
    }

    private func answer(to request: String) throws(Failure) -> [UInt8] {
        guard !request.utf8.contains(where: { $0 < 0x20 }) else { throw Failure(description: "a request is one line") }
        let descriptor = txaio_control_connect(path, Self.patience)
        guard descriptor >= 0 else {
            let reason = Platform.reason(ofControlError: -descriptor)
            throw Failure(description: "no service can be reached at \(Quotation.of(path)): \(reason)")
        }
        defer { Platform.close(descriptor) }
        var rest = Array((request + "\n").utf8)[...]
        while !rest.isEmpty {
            guard let count = Platform.send(rest, to: descriptor), count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var line: [UInt8] = []
        while case .bytes(let bytes) = Platform.receive(descriptor) {
            line += bytes
            if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return Array(line[..<end]) }
        }
        throw Failure(description: "\(Quotation.of(path)) gave no answer within \(Self.patience) s")
    }
}
#endif
