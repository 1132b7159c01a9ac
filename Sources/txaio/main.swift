#if Tool
import ArgumentParser

TxaioCommand.main()
Console.finish()
#else
Console.exit(
    EndStatus.impossible.rawValue,
    saying:
        "this build has no command: txaio is built with the package's trait 'Tool', as in 'swift build --traits Tool'"
)
#endif
