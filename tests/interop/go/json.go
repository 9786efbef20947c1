package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errNotCanonical = errors.New("not the one encoding")

func quoted(text string) string { return `"` + text + `"` }

func joined[T any](values []T, write func(T) string) string {
	parts := make([]string, len(values))
	for i, value := range values {
		parts[i] = write(value)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// toJSON writes the JSON form. Nothing needs an escape.
func toJSON(of string, value object) string {
	var out strings.Builder
	fmt.Fprintf(&out, `{"format":"tallystick-%s","version":1`, of)
	for _, f := range fields[of] {
		fmt.Fprintf(&out, `,"%s":`, f.name)
		switch v := value[f.name].(type) {
		case uint64:
			text := strconv.FormatUint(v, 10)
			if f.kind == number {
				text = quoted(text)
			}
			out.WriteString(text)
		case string:
			out.WriteString(quoted(v))
		case []byte:
			out.WriteString(quoted(hex.EncodeToString(v)))
		case [][]byte:
			out.WriteString(joined(v, func(digest []byte) string { return quoted(hex.EncodeToString(digest)) }))
		case []uint64:
			out.WriteString(joined(v, func(count uint64) string { return strconv.FormatUint(count, 10) }))
		case object:
			out.WriteString(toJSON("scheme", v))
		}
	}
	return out.String() + "}"
}

// fromJSON reads leniently, and accepts what it would have written.
func fromJSON(of string, text string) (object, error) {
	value, err := read(of, []byte(text))
	if err == nil && toJSON(of, value) != text {
		err = errNotCanonical
	}
	return value, err
}

func read(of string, text []byte) (object, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	value := empty(of)
	for _, f := range fields[of] {
		found, err := member(f.kind, members[f.name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		value[f.name] = found
	}
	return value, nil
}

func member(of kind, raw json.RawMessage) (any, error) {
	switch of {
	case small:
		var value uint64
		err := json.Unmarshal(raw, &value)
		return value, err
	case counts:
		value := []uint64{}
		err := json.Unmarshal(raw, &value)
		return value, err
	case digests:
		var texts []string
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, err
		}
		return unhexAll(texts)
	case nested:
		return read("scheme", raw)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, err
	}
	switch of {
	case number:
		return decimal(text)
	case blob:
		return hex.DecodeString(text)
	}
	return text, nil
}

func unhexAll(texts []string) ([][]byte, error) {
	found := [][]byte{}
	for _, text := range texts {
		raw, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		found = append(found, raw)
	}
	return found, nil
}
