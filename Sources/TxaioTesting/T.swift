public import TxaioLog
