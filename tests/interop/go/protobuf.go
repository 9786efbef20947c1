package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

func tagged(number int, wireType uint64) []byte {
	return binary.AppendUvarint(nil, uint64(number)<<3|wireType)
}

func scalar(number int, value uint64) []byte {
	if value == 0 {
		return nil
	}
	return binary.AppendUvarint(tagged(number, 0), value)
}

func delimited(number int, value []byte) []byte {
	return append(binary.AppendUvarint(tagged(number, 2), uint64(len(value))), value...)
}

func unlessEmpty(number int, value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	return delimited(number, value)
}

// toProtobuf writes the message. Fields ascend, and what is zero or empty is left out, but a scheme.
func toProtobuf(of string, value object) []byte {
	out := scalar(1, 1)
	for place, f := range fields[of] {
		number := place + 2
		switch v := value[f.name].(type) {
		case uint64:
			out = append(out, scalar(number, v)...)
		case string:
			out = append(out, unlessEmpty(number, []byte(v))...)
		case []byte:
			out = append(out, unlessEmpty(number, v)...)
		case [][]byte:
			for _, digest := range v {
				out = append(out, delimited(number, digest)...)
			}
		case []uint64:
			var packed []byte
			for _, count := range v {
				packed = binary.AppendUvarint(packed, count)
			}
			out = append(out, unlessEmpty(number, packed)...)
		case object:
			out = append(out, delimited(number, toProtobuf("scheme", v))...)
		}
	}
	return out
}

// fromProtobuf reads leniently, and accepts what it would have written.
func fromProtobuf(of string, data []byte) (object, error) {
	value := empty(of)
	for rest := data; len(rest) > 0; {
		number, scalar, raw, after, err := record(rest)
		if err != nil {
			return nil, err
		}
		rest = after
		if number == 1 {
			continue // compared below, with everything else
		}
		if number < 2 || int(number)-2 >= len(fields[of]) {
			return nil, fmt.Errorf("field %d is not known", number)
		}
		f := fields[of][number-2]
		switch before := value[f.name].(type) {
		case uint64:
			value[f.name] = scalar
		case string:
			value[f.name] = string(raw)
		case []byte:
			value[f.name] = raw
		case [][]byte:
			value[f.name] = append(before, raw)
		case []uint64:
			value[f.name], err = unpacked(raw)
		case object:
			value[f.name], err = fromProtobuf("scheme", raw)
		}
		if err != nil {
			return nil, err
		}
	}
	if !bytes.Equal(toProtobuf(of, value), data) {
		return nil, errNotCanonical
	}
	return value, nil
}

var errVarint = errors.New("no varint of 64 bits")

// record takes one field off the front: its number, and a varint or bytes by its wire type.
func record(data []byte) (number, scalar uint64, raw, rest []byte, err error) {
	tag, length := binary.Uvarint(data)
	if length <= 0 {
		return 0, 0, nil, nil, errVarint
	}
	rest = data[length:]
	scalar, length = binary.Uvarint(rest)
	if length <= 0 {
		return 0, 0, nil, nil, errVarint
	}
	rest = rest[length:]
	switch tag & 7 {
	case 0:
		return tag >> 3, scalar, nil, rest, nil
	case 2:
		if scalar > uint64(len(rest)) {
			return 0, 0, nil, nil, fmt.Errorf("%d bytes declared, %d remain", scalar, len(rest))
		}
		return tag >> 3, 0, rest[:scalar], rest[scalar:], nil
	}
	return 0, 0, nil, nil, fmt.Errorf("wire type %d", tag&7)
}

func unpacked(packed []byte) ([]uint64, error) {
	found := []uint64{}
	for len(packed) > 0 {
		value, length := binary.Uvarint(packed)
		if length <= 0 {
			return nil, errVarint
		}
		found, packed = append(found, value), packed[length:]
	}
	return found, nil
}
