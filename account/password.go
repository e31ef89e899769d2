package account

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
	"golang.org/x/text/unicode/norm"

	"chancery/problem"
)

// Lengths of a password, in characters. The longest is more than anybody remembers
// and little enough to hash.
const (
	MinPassword = 8
	MaxPassword = 200
)

// Problems of a password that cannot be taken.
var (
	ErrPasswordShort  = problem.Invalid("password_too_short", "The password needs at least 8 characters.").At("password")
	ErrPasswordLong   = problem.TooLarge("password_too_long", "The password may have at most 200 characters.").At("password")
	ErrPasswordPlain  = problem.Invalid("password_too_plain", "The password needs a capital letter, a small one and a digit.").At("password")
	ErrPasswordCommon = problem.Invalid("password_common", "This password is among those that are tried first. Please choose another one; three or four words that have nothing to do with each other are a good start.").At("password")
	ErrPasswordOwn    = problem.Invalid("password_contains_you", "The password may not hold your name or address.").At("password")
)

// CheckPassword says why a password cannot be taken by somebody of that name and address.
func CheckPassword(password, name, email string) error {
	length := utf8.RuneCountInString(password)
	folded := strings.ToLower(normal(password))
	switch {
	case length < MinPassword:
		return ErrPasswordShort
	case length > MaxPassword:
		return ErrPasswordLong
	case !mixed(password):
		return ErrPasswordPlain
	case common(folded):
		return ErrPasswordCommon
	case holds(folded, name, email):
		return ErrPasswordOwn
	}
	return nil
}

// normal is the one form of a password that can be typed in several: ä on one
// keyboard is a and two dots on another (RFC 8265, OpaqueString).
func normal(password string) string { return norm.NFC.String(password) }

func mixed(password string) bool {
	return strings.ContainsFunc(password, unicode.IsUpper) && strings.ContainsFunc(password, unicode.IsLower) &&
		strings.ContainsFunc(password, unicode.IsDigit)
}

// commonPasswords are those that people choose most, from leaked lists.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	list := frequency.FrequencyLists["passwords"]
	all := make(map[string]bool, len(list))
	for _, password := range list {
		all[password] = true
	}
	return all
})

// shortStem is too little to tell what a password was made of.
const shortStem = 4

// common finds a password on the list, also when it was only dressed up: digits and
// signs around it, or letters written as digits.
func common(folded string) bool {
	list := commonPasswords()
	stem := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	return list[folded] || len(stem) >= shortStem && (list[stem] || list[undressed.Replace(stem)]) || list[undressed.Replace(folded)]
}

var undressed = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// holds tells whether the password has a word of the name or the address in it.
func holds(folded, name, email string) bool {
	local, _, _ := strings.Cut(email, "@")
	words := strings.FieldsFunc(strings.ToLower(normal(name+" "+local)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range append(words, strings.ToLower(local), strings.Join(strings.Fields(strings.ToLower(normal(name))), "")) {
		if utf8.RuneCountInString(word) >= shortStem && strings.Contains(folded, word) {
			return true
		}
	}
	return false
}
