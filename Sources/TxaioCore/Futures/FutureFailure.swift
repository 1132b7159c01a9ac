public import TxaioLog

/// What an errback gets; mirrors txaio's `IFailedFuture`.
public protocol FailedFuture: Error {
    /// The error itself.
    var value: any Error { get }
}

/// An error with the place where it became a failure, and a backtrace where the platform gives one.
public struct FutureFailure: FailedFuture, FailureDetails, CustomStringConvertible {
    @usableFromInline internal let storage: Storage

    @usableFromInline
    internal final class Storage: @unchecked Sendable {
        // Unchecked: nothing changes, and the file's name is a constant.
        fileprivate let value: any Error
        fileprivate let file: FailurePlace
        fileprivate let line: UInt
        fileprivate let traceback: FailureTraceback?

        fileprivate init(_ value: any Error, _ file: FailurePlace, _ line: UInt, _ traceback: FailureTraceback?) {
            self.value = value
            self.file = file
            self.line = line
            self.traceback = traceback
        }
    }

    /// The error itself.
    public var value: any Error { storage.value }
    /// The source file where the failure was made, as `#fileID`.
    public var file: String { storage.file.name }
    /// The line where it was made.
    public var line: UInt { storage.line }
    /// How the program came to where the failure was made.
    public var traceback: FailureTraceback? { storage.traceback }
    /// The error itself, from which `log.failure` follows the causes.
    public var cause: (any Error)? { storage.value }
    /// The traceback's text, for `log.failure`.
    public var backtrace: String? { storage.traceback?.description }
    /// `TYPE: TEXT`, in one line.
    public var description: String { failureText(of: value) }

    /// Wraps an error; one that is a `FutureFailure` already is taken as it is.
    ///
    /// - Parameters:
    ///   - error: What failed.
    ///   - traceback: How the program came here, if that was asked for.
    ///   - file: Leave it out.
    ///   - line: Leave it out.
    public init(
        _ error: any Error,
        traceback: FailureTraceback? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.init(error, traceback: traceback, file: FailurePlace(file), line: line)
    }

    internal init(_ error: any Error, traceback: FailureTraceback? = nil, file: FailurePlace, line: UInt) {
        if let failure = error as? FutureFailure {
            self = failure
        } else {
            storage = Storage((error as? any FailedFuture)?.value ?? error, file, line, traceback)
        }
    }

    @usableFromInline
    internal init(storage: Storage) { self.storage = storage }
}

/// The name of a source file: a constant of the program.
internal struct FailurePlace {
    private let start: UnsafePointer<UInt8>?
    private let length: UInt32

    internal init(file: UnsafePointer<UInt8>?, length: UInt32) {
        start = file
        self.length = length
    }

    internal init(_ file: StaticString) {
        let isPointer = file.hasPointerRepresentation
        self.init(
            file: isPointer ? file.utf8Start : nil,
            length: isPointer ? UInt32(truncatingIfNeeded: file.utf8CodeUnitCount) : 0
        )
    }

    internal var name: String {
        guard let start else { return "?" }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(length)), as: UTF8.self)
    }
}

/// The error of a cancelled future.
public struct CancelledError: Error, Hashable, CustomStringConvertible {
    /// What `cancel` was given.
    public let message: String?

    /// Makes one.
    public init(message: String? = nil) { self.message = message }

    /// The message, or nothing.
    public var description: String { message ?? "" }
}

/// `TYPE: TEXT` of an error, in one line.
internal func failureText(of error: any Error) -> String {
    let text = String(describing: error)
    let line = String(String.UnicodeScalarView(text.unicodeScalars.map { isLineBreak($0) ? " " : $0 }))
    return "\(type(of: error)): \(line)"
}

private func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
}
