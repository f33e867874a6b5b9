# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # prove_by is read by results; root, name and address are the caller's
# prove: a real handshake as any program here would make it; the registry answers 401 to a stranger.

prove() {
  unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR CURL_HOME
  prove_url=https://$name/v2/
  if has curl; then
    prove_by=curl prove_said=$(ask_curl)
  elif has openssl; then
    prove_by=openssl prove_said=$(ask_openssl)
  elif has python3; then
    prove_by=python3 prove_said=$(ask_python)
  else
    # busybox's wget verifies nothing.
    say "nothing here can verify TLS: install curl, openssl or python3"
    exit 5
  fi
  if [ "$prove_said" = 401 ]; then return 0; fi
  say "$prove_url: expected 401 over TLS that this machine's store accepts; found: ${prove_said:-no answer}." \
    "See: getent hosts ${name%:*}; curl -v $prove_url"
  exit 4
}

ask_curl() {
  set -- --disable --silent --show-error --noproxy '*' --max-time 10 --output /dev/null --write-out '%{http_code}'
  # In a test's folder, and where the store is not known, the store cannot be curl's own.
  if [ -n "$root" ] || [ "$(store)" = none ]; then set -- "$@" --cacert "$(bundle)"; fi
  if [ -n "$root" ] && [ -n "$address" ]; then set -- "$@" --resolve "$name:$address"; fi
  curl "$@" "$prove_url" 2>&1 | head -n 1
}

ask_openssl() {
  # -quiet also means that the end of our request does not end the connection. Old versions cannot compare names.
  set -- -quiet -verify_return_error -servername "${name%:*}" -CAfile "$(bundle)" -connect "$name"
  if openssl s_client -help 2>&1 | grep -q verify_hostname; then set -- "$@" -verify_hostname "${name%:*}"; fi
  printf 'GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" |
    timeout 10 openssl s_client "$@" 2>/dev/null | sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' || true
}

# No more than Debian's python3-minimal has.
ask_python() {
  python3 - "${name%:*}" "${name##*:}" "$(bundle)" <<'PYTHON' 2>&1 | tail -n 1
import socket, ssl, sys
name, port, bundle = sys.argv[1:]
plain = socket.create_connection((name, int(port)), timeout=10)
tls = ssl.create_default_context(cafile=bundle).wrap_socket(plain, server_hostname=name)
tls.sendall(("GET /v2/ HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" % (name, port)).encode())
print(tls.recv(64).split()[1].decode())
PYTHON
}

# fingerprint PEM: SHA-256 of the certificate, as openssl and browsers show it; nothing for nothing.
fingerprint() {
  fingerprint_base64=$(printf '%s\n' "$1" | sed '/^-----/d')
  if [ -z "$fingerprint_base64" ]; then return 0; fi
  printf '%s\n' "$fingerprint_base64" | base64 -d | sha256sum | cut -d ' ' -f 1
}

# shown: "SHA-256<TAB>end" of the certificate that the registry shows; what cannot be found out here stays empty.
shown() {
  shown_pem='' shown_end=''
  if has openssl; then
    shown_pem=$(timeout 10 openssl s_client -connect "$name" -servername "${name%:*}" </dev/null 2>/dev/null | first_pem)
    shown_end=$(printf '%s\n' "$shown_pem" | openssl x509 -noout -enddate 2>/dev/null | sed 's/^notAfter=//')
  elif has python3; then
    shown_pem=$(shown_by_python || true)
    shown_end=${shown_pem#*	} shown_pem=${shown_pem%%	*}
  elif has curl; then
    # %{certs} since 7.88.
    set -- --disable --silent --noproxy '*' --max-time 10 --output /dev/null
    shown_pem=$(curl "$@" --write-out '%{certs}' "$prove_url" 2>/dev/null | first_pem)
    shown_end=$(curl "$@" --verbose "$prove_url" 2>&1 | sed -n 's/^\*  *expire date: *//p' | head -n 1)
  fi
  printf '%s\t%s' "$(fingerprint "$shown_pem")" "$shown_end"
}

first_pem() { sed -n -e '/^-----BEGIN CERTIFICATE-----$/,/^-----END CERTIFICATE-----$/p' -e '/^-----END CERTIFICATE-----$/q'; }

shown_by_python() {
  python3 - "${name%:*}" "${name##*:}" "$(bundle)" <<'PYTHON' 2>/dev/null
import binascii, socket, ssl, sys
name, port, bundle = sys.argv[1:]
plain = socket.create_connection((name, int(port)), timeout=10)
tls = ssl.create_default_context(cafile=bundle).wrap_socket(plain, server_hostname=name)
print(binascii.b2a_base64(tls.getpeercert(True)).decode().strip() + "\t" + tls.getpeercert()["notAfter"])
PYTHON
}
