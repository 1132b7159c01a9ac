extension JSONEmitter {
    /// Reads a file's options: those of ``LineDestination``, `time`: `rfc3339` or `epoch`, and `keys`: new names for the
    /// injected ones, `null` for those left out.
    internal convenience init(options: inout EmitterOptions) throws {
        let destination = LineDestination(&options)
        var format = JSONFormat()
        let chosen = options.choiceIfPresent("time", of: JSONTime.all.map(\.description))
        format.time = JSONTime.all.first { $0.description == chosen } ?? .rfc3339
        format.keys = options.nested("keys") { JSONKeys(&$0) }
        try options.finish()
        switch destination.place {
        case .stream(let stream):
            self.init(to: stream, name: options.name, format: format, waitingAtMost: destination.wait)
        case .file(let file):
            do {
                try self.init(to: file, name: options.name, format: format, waitingAtMost: destination.wait)
            } catch {
                options.fault("path", error.description, code: .unusable)
                try options.finish()
                throw error
            }
        }
    }
}

extension JSONKeys {
    /// The injected keys by their default names.
    private static var byName: [(String, WritableKeyPath<JSONKeys, String?>)] {
        [
            ("log_time", \.time), ("log_level", \.level), ("log_namespace", \.namespace), ("message", \.message),
            ("log_format", \.format), ("log_seq", \.sequence), ("log_cut", \.cut),
            ("log_recovered", \.recovered), ("log_maybe_repeated", \.repeated),
        ]
    }

    fileprivate init(_ options: inout EmitterOptions) {
        self.init()
        for (name, key) in Self.byName {
            switch options.value(name)?.content {
            case nil: break
            case .null: self[keyPath: key] = nil
            case .string(let text): self[keyPath: key] = text
            case .some: options.fault(name, "'keys.\(name)' must be a text, or null to leave it out", code: .wrongType)
            }
        }
        var taken: Set<String> = []
        for (name, key) in Self.byName {
            guard let text = self[keyPath: key], !taken.insert(text).inserted else { continue }
            options.fault(name, "the key '\(text)' is given to two things")
        }
    }
}
