import Testing
import TxaioLog
