// The reference implementation of notes and transparency logs behind a pipe.
//
// Reads one JSON object a line and answers with one a line. Everything that matters is done by
// golang.org/x/mod/sumdb/{note,tlog}; this file only moves bytes (in base64) in and out.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// height is that of the tiles of c2sp.org/tlog-tiles: 256 hashes.
const height = 8

type request struct {
	Op        string            `json:"op"`
	Note      []byte            `json:"note"`
	Text      []byte            `json:"text"`
	Name      string            `json:"name"`
	Verifiers []string          `json:"verifiers"`
	Signers   []string          `json:"signers"`
	Leaves    [][]byte          `json:"leaves"`
	Leaf      []byte            `json:"leaf"`
	Proof     [][]byte          `json:"proof"`
	Index     int64             `json:"index"`
	Size      int64             `json:"size"`
	Root      []byte            `json:"root"`
	OldSize   int64             `json:"old_size"`
	OldRoot   []byte            `json:"old_root"`
	Tiles     map[string][]byte `json:"tiles"`
}

type signature struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

type reply struct {
	Error      string      `json:"error"`
	Text       []byte      `json:"text,omitempty"`
	Note       []byte      `json:"note,omitempty"`
	Signatures []signature `json:"signatures,omitempty"`
	Unverified []signature `json:"unverified,omitempty"`
	Secret     string      `json:"secret,omitempty"`
	Verifier   string      `json:"verifier,omitempty"`
	Hash       []byte      `json:"hash,omitempty"`
	Proof      [][]byte    `json:"proof,omitempty"`
}

// stored holds the hashes of a tree in the order in which tlog numbers them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[i] = s[index]
	}
	return found, nil
}

func grow(leaves [][]byte) (stored, error) {
	var hashes stored
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf, hashes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	return hashes, nil
}

// served hands out tiles by their c2sp.org/tlog-tiles path, which names no height.
type served map[string][]byte

func (s served) Height() int                     { return height }
func (s served) SaveTiles([]tlog.Tile, [][]byte) {}
func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		raw, ok := s[path]
		if !ok {
			return nil, fmt.Errorf("no tile %s", path)
		}
		found = append(found, raw)
	}
	return found, nil
}

func hashOf(raw []byte) (tlog.Hash, error) {
	var hash tlog.Hash
	if len(raw) != tlog.HashSize {
		return hash, fmt.Errorf("a hash of %d bytes", len(raw))
	}
	copy(hash[:], raw)
	return hash, nil
}

func hashesOf(raws [][]byte) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, raw := range raws {
		hash, err := hashOf(raw)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func raws(hashes []tlog.Hash) [][]byte {
	found := [][]byte{}
	for i := range hashes {
		found = append(found, hashes[i][:])
	}
	return found
}

func lines(found []note.Signature) []signature {
	var all []signature
	for _, one := range found {
		all = append(all, signature{one.Name, fmt.Sprintf("%08x", one.Hash)})
	}
	return all
}

func openNote(r request) (reply, error) {
	var known []note.Verifier
	for _, key := range r.Verifiers {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return reply{}, err
		}
		known = append(known, verifier)
	}
	n, err := note.Open(r.Note, note.VerifierList(known...))
	if err != nil {
		return reply{}, err
	}
	return reply{Text: []byte(n.Text), Signatures: lines(n.Sigs), Unverified: lines(n.UnverifiedSigs)}, nil
}

func signNote(r request) (reply, error) {
	var signers []note.Signer
	for _, key := range r.Signers {
		signer, err := note.NewSigner(key)
		if err != nil {
			return reply{}, err
		}
		signers = append(signers, signer)
	}
	raw, err := note.Sign(&note.Note{Text: string(r.Text)}, signers...)
	return reply{Note: raw}, err
}

func generateKey(r request) (reply, error) {
	secret, verifier, err := note.GenerateKey(rand.Reader, r.Name)
	return reply{Secret: secret, Verifier: verifier}, err
}

func treeHash(r request) (reply, error) {
	hashes, err := grow(r.Leaves)
	if err != nil {
		return reply{}, err
	}
	root, err := tlog.TreeHash(int64(len(r.Leaves)), hashes)
	return reply{Hash: root[:]}, err
}

func proveRecord(r request) (reply, error) {
	hashes, err := grow(r.Leaves)
	if err != nil {
		return reply{}, err
	}
	proof, err := tlog.ProveRecord(int64(len(r.Leaves)), r.Index, hashes)
	return reply{Proof: raws(proof)}, err
}

func proveTree(r request) (reply, error) {
	hashes, err := grow(r.Leaves)
	if err != nil {
		return reply{}, err
	}
	proof, err := tlog.ProveTree(int64(len(r.Leaves)), r.OldSize, hashes)
	return reply{Proof: raws(proof)}, err
}

// checkRecord takes the data of the leaf in "leaf", not its hash.
func checkRecord(r request) (reply, error) {
	proof, err := hashesOf(r.Proof)
	if err != nil {
		return reply{}, err
	}
	root, err := hashOf(r.Root)
	if err != nil {
		return reply{}, err
	}
	return reply{}, tlog.CheckRecord(proof, r.Size, root, r.Index, tlog.RecordHash(r.Leaf))
}

func checkTree(r request) (reply, error) {
	proof, err := hashesOf(r.Proof)
	if err != nil {
		return reply{}, err
	}
	root, err := hashOf(r.Root)
	if err != nil {
		return reply{}, err
	}
	old, err := hashOf(r.OldRoot)
	if err != nil {
		return reply{}, err
	}
	return reply{}, tlog.CheckTree(proof, r.Size, root, r.OldSize, old)
}

// checkTile reads the hash of one leaf out of tiles, each of which must lead up to the root.
func checkTile(r request) (reply, error) {
	root, err := hashOf(r.Root)
	if err != nil {
		return reply{}, err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: r.Size, Hash: root}, served(r.Tiles))
	hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, r.Index)})
	if err != nil {
		return reply{}, err
	}
	return reply{Hash: hashes[0][:]}, nil
}

var operations = map[string]func(request) (reply, error){
	"open_note":    openNote,
	"sign_note":    signNote,
	"generate_key": generateKey,
	"tree_hash":    treeHash,
	"prove_record": proveRecord,
	"prove_tree":   proveTree,
	"check_record": checkRecord,
	"check_tree":   checkTree,
	"check_tile":   checkTile,
}

func answer(line []byte) (found reply) {
	defer func() {
		if why := recover(); why != nil {
			found = reply{Error: fmt.Sprintf("panic: %v", why)}
		}
	}()
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{Error: err.Error()}
	}
	operation, ok := operations[r.Op]
	if !ok {
		return reply{Error: "no operation " + r.Op}
	}
	found, err := operation(r)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return found
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if out.Encode(answer(line)) != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
