extension TextEmitter {
    /// Reads a file's options: those of ``LineDestination``, and `colour`: `auto`, `always`, `never`.
    internal convenience init(options: inout EmitterOptions) throws {
        let destination = LineDestination(&options)
        let colours = ColourChoice.all
        let chosen = options.choiceIfPresent("colour", of: colours.map(\.description))
        let colour = colours.first { $0.description == chosen }
        try options.finish()
        switch destination.place {
        case .stream(let stream):
            self.init(
                to: stream,
                name: options.name,
                colour: colour ?? .automatic,
                waitingAtMost: destination.wait
            )
        case .file(let file):
            do {
                try self.init(
                    to: file,
                    name: options.name,
                    colour: colour ?? .never,
                    waitingAtMost: destination.wait
                )
            } catch {
                options.fault("path", error.description, code: .unusable)
                try options.finish()
                throw error
            }
        }
    }
}
