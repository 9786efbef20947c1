module tallystick.example/interop

go 1.21
