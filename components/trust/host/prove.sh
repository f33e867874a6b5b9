# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # prove_by, certificate and expires are read by results; root, name, store and the like are the caller's
# prove: a real handshake as any program here would make it; the registry answers 401 to a stranger. What makes it sets
# `answer` to the status, or to what went wrong, and `shown` to what it tells: of the certificate, too, where it can.

prove() {
  unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR CURL_HOME
  prove_url=https://$name/v2/
  if has curl; then
    prove_by=curl
    ask_curl
  elif has openssl; then
    prove_by=openssl
    ask_openssl
  elif has python3; then
    prove_by=python3
    ask_python
  else
    # busybox's wget verifies nothing.
    say "nothing here can verify TLS: install curl, openssl or python3"
    exit 5
  fi
  if [ "$answer" = 401 ]; then return 0; fi
  say "$prove_url: expected 401 over TLS that this machine's store accepts; found: ${answer:-no answer}." \
    "See: getent hosts ${name%:*}; curl -v $prove_url"
  exit 4
}

# Since 7.88 curl tells the certificate, too; before, it says that it does not know the variable, and goes on.
ask_curl() {
  set -- --disable --silent --show-error --noproxy '*' --max-time 10 --output /dev/null --write-out '%{http_code}\n%{certs}'
  # In a test's folder, and where the store is not known, the store cannot be curl's own.
  if [ -n "$root" ] || [ "$store" = none ]; then set -- "$@" --cacert "$bundle"; fi
  if [ -n "$root" ] && [ -n "$address" ]; then set -- "$@" --resolve "$name:$address"; fi
  shown=$(curl "$@" "$prove_url" 2>&1) || true
  answer=${shown#"curl: unknown --write-out variable: 'certs'$nl"}
  answer=${answer%%"$nl"*}
}

ask_openssl() {
  # -ign_eof: the end of our request does not end the connection. Before 1.1 nothing was refused without -verify.
  set -- -ign_eof -verify 9 -verify_return_error -CAfile "$bundle" -connect "$name" -servername "${name%:*}"
  shown=$(request | timeout 10 openssl s_client "$@" -verify_hostname "${name%:*}" 2>&1) || true
  case $shown in
    *CONNECTED*) ;;
    # Old versions cannot compare names.
    *-verify_hostname*) shown=$(request | timeout 10 openssl s_client "$@" 2>&1) || true ;;
    *) ;;
  esac
  case $shown in
    *"${nl}HTTP/1."*)
      answer=${shown#*"${nl}HTTP/1."? }
      answer=${answer%%[!0-9]*}
      ;;
    *"verify error:"*)
      answer=${shown#*"verify error:"}
      answer="verify error: ${answer%%"$nl"*}"
      ;;
    *) answer='' ;;
  esac
}

request() { printf 'GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name"; }

ask_python() {
  shown=$(by_python) || true
  answer=${shown##*"$nl"}
}

# No more than Debian's python3-minimal has.
by_python() {
  python3 - "${name%:*}" "${name##*:}" "$bundle" <<'PYTHON' 2>&1
import socket, ssl, sys
name, port, bundle = sys.argv[1:]
plain = socket.create_connection((name, int(port)), timeout=10)
tls = ssl.create_default_context(cafile=bundle).wrap_socket(plain, server_hostname=name)
tls.sendall(("GET /v2/ HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" % (name, port)).encode())
status = tls.recv(64).split()[1].decode()
print(ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)) + "Expire date:" + tls.getpeercert()["notAfter"])
print(status)
PYTHON
}

# find_certificate: after prove, sets `certificate` to the SHA-256 of the one that the registry shows, and `expires` to
# its end; what cannot be found out here stays empty. What curl has not told, others look at.
find_certificate() {
  case $shown in
    *"$pem_begin"*) ;;
    *)
      if has openssl; then
        # Without the store, for curl has verified it.
        shown=$(SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null timeout 10 openssl s_client \
          -connect "$name" -servername "${name%:*}" </dev/null 2>/dev/null) || true
      elif has python3; then
        ask_python
      else
        shown="Expire date:$(curl --disable --silent --noproxy '*' --max-time 10 --output /dev/null \
          --verbose "$prove_url" 2>&1 | sed -n 's/^\*  *expire date: *//p' | head -n 1)"
      fi
      ;;
  esac
  fingerprint_of "$shown"
  certificate=$fingerprint
  case $shown in
    *"Expire date:"*) expires=${shown#*"Expire date:"} ;;
    # openssl's s_client, since 3.0.
    *"; NotAfter: "*) expires=${shown#*"; NotAfter: "} ;;
    *"$pem_begin"*)
      expires=$(printf '%s\n' "$shown" | openssl x509 -noout -enddate 2>/dev/null) || true
      expires=${expires#notAfter=}
      ;;
    *) expires='' ;;
  esac
  expires=${expires%%"$nl"*}
}

pem_begin='-----BEGIN CERTIFICATE-----'

# fingerprint_of TEXT: sets `fingerprint` to the SHA-256 of the first certificate in it, as openssl and browsers show
# it; nothing where there is none.
fingerprint_of() {
  fingerprint=''
  case $1 in
    *"$pem_begin"*)
      fingerprint=${1#*"$pem_begin"}
      fingerprint=$(printf '%s\n' "${fingerprint%%-----END*}" | base64 -d | sha256sum)
      fingerprint=${fingerprint%% *}
      ;;
    *) ;;
  esac
}
