package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// pki is one authority, one serving certificate for all servers and the key
// that signs service account tokens.
type pki struct {
	roots                                         *x509.CertPool
	caFile, certFile, keyFile, serviceAccountFile string
}

func newPKI(dir string) (*pki, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	p := &pki{
		roots:              x509.NewCertPool(),
		caFile:             filepath.Join(dir, "ca.crt"),
		certFile:           filepath.Join(dir, "server.crt"),
		keyFile:            filepath.Join(dir, "server.key"),
		serviceAccountFile: filepath.Join(dir, "service-account.key"),
	}
	caKey, err := newKey()
	if err != nil {
		return nil, err
	}
	ca := template("control-plane test authority")
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	if err := sign(ca, ca, caKey, caKey, p.caFile); err != nil {
		return nil, err
	}
	p.roots.AddCert(ca)

	key, err := newKey()
	if err != nil {
		return nil, err
	}
	server := template("control-plane")
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.KeyUsage = x509.KeyUsageDigitalSignature
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)}
	server.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	if err := sign(server, ca, key, caKey, p.certFile); err != nil {
		return nil, err
	}
	if err := writeKey(p.keyFile, key); err != nil {
		return nil, err
	}
	serviceAccount, err := newKey()
	if err != nil {
		return nil, err
	}
	return p, writeKey(p.serviceAccountFile, serviceAccount)
}

func newKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(48 * time.Hour),
	}
}

// sign writes the certificate and leaves its raw form in it.
func sign(certificate, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey, file string) error {
	raw, err := x509.CreateCertificate(rand.Reader, certificate, parent, &key.PublicKey, parentKey)
	if err != nil {
		return err
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		return err
	}
	*certificate = *parsed
	return writePEM(file, "CERTIFICATE", raw)
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "EC PRIVATE KEY", raw)
}

func writePEM(file, kind string, raw []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600)
}
