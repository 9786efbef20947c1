module tallystick/oracle/nmt

go 1.23

require github.com/celestiaorg/nmt v0.24.3

require github.com/gogo/protobuf v1.3.2 // indirect
