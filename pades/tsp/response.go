package tsp

import (
	"encoding/asn1"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"chancery/pades/cms"
)

// Failure is why an authority refuses: PKIFailureInfo, a bit number.
type Failure int

// The failures of RFC 3161, 2.4.2.
const (
	BadAlg              Failure = 0
	BadRequest          Failure = 2
	BadDataFormat       Failure = 5
	TimeNotAvailable    Failure = 14
	UnacceptedPolicy    Failure = 15
	UnacceptedExtension Failure = 16
	AddInfoNotAvailable Failure = 17
	SystemFailure       Failure = 25
)

var failureNames = map[Failure]string{
	BadAlg: "badAlg", BadRequest: "badRequest", BadDataFormat: "badDataFormat", TimeNotAvailable: "timeNotAvailable",
	UnacceptedPolicy: "unacceptedPolicy", UnacceptedExtension: "unacceptedExtension",
	AddInfoNotAvailable: "addInfoNotAvailable", SystemFailure: "systemFailure",
}

func (f Failure) String() string {
	if name, ok := failureNames[f]; ok {
		return name
	}
	return fmt.Sprintf("failure %d", int(f))
}

// The states of PKIStatus that an answer can be in.
const (
	statusGranted         = 0
	statusGrantedWithMods = 1
	statusRejection       = 2
)

type timeStampResp struct {
	Status statusInfo
	Token  asn1.RawValue `asn1:"optional"`
}

type statusInfo struct {
	Status  int
	Text    []asn1.RawValue `asn1:"optional"`
	Failure asn1.BitString  `asn1:"optional"`
}

// ParseResponse takes the token out of an authority's answer (RFC 3161, 2.4.2). A
// refusal is an error that says what the authority says. The answer may be BER;
// the token is DER.
func ParseResponse(ber []byte) (token []byte, err error) {
	der, behind, err := cms.Normalise(ber)
	if err != nil || len(behind) > 0 {
		return nil, fmt.Errorf("the answer is no TimeStampResp (%v)", err)
	}
	var r timeStampResp
	rest, err := asn1.Unmarshal(der, &r)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("the answer is no TimeStampResp (%v)", err)
	}
	if r.Status.Status != statusGranted && r.Status.Status != statusGrantedWithMods {
		return nil, fmt.Errorf("refused with status %d%s", r.Status.Status, r.Status.describe())
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, fmt.Errorf("granted without a token")
	}
	return r.Token.FullBytes, nil
}

// maxStatusText bounds what an authority may put into our logs, in bytes.
const maxStatusText = 200

func (s statusInfo) describe() string {
	var words []string
	for i := range s.Failure.BitLength {
		if s.Failure.At(i) == 1 {
			words = append(words, Failure(i).String())
		}
	}
	for _, text := range s.Text {
		words = append(words, fmt.Sprintf("%q", text.Bytes[:min(len(text.Bytes), maxStatusText)]))
		if len(words) > 5 {
			break
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}

// granted wraps a token into an answer.
func granted(token []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(statusGranted) })
		b.AddBytes(token)
	})
	return b.Bytes()
}

// rejected is the answer without a token.
func rejected(r refusal) ([]byte, error) {
	bits := make([]byte, int(r.failure)/8+1)
	bits[r.failure/8] = 0x80 >> (r.failure % 8)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(statusRejection)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(r.why)) })
			})
			b.AddASN1(cbasn1.BIT_STRING, func(b *cryptobyte.Builder) {
				b.AddUint8(uint8(7 - int(r.failure)%8)) // unused bits: DER drops trailing zeros
				b.AddBytes(bits)
			})
		})
	})
	return b.Bytes()
}
