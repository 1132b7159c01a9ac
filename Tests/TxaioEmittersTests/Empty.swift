import Testing
import TxaioEmitters
