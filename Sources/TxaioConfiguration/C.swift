public import TxaioEmitters
