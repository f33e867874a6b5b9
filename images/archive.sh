# shellcheck shell=sh
# Sourced by provide.sh: turns a root file system into an archive for `docker load`. Equal content gives an
# equal image id: order, owners, times and modes are fixed, and nothing of this machine goes in.

epoch=1970-01-01T00:00:00Z

# same_tar OUT DIR [ENTRY…]: a tar whose bytes depend on nothing but names, modes and content.
same_tar() {
  same_tar_out=$1 same_tar_dir=$2
  shift 2
  tar --create --file "$same_tar_out" --directory "$same_tar_dir" --format=gnu --sort=name --mtime=@0 \
    --owner=0 --group=0 --numeric-owner "$@"
}

# write_archive WORK ROOT ARCH TAG CONFIG OUT: CONFIG is the JSON object of the container's defaults.
write_archive() {
  write_archive_work=$1/archive
  mkdir "$write_archive_work"
  chmod -R u+rwX,go+rX,go-w,u-s,g-s "$2"
  if [ -d "$2/tmp" ]; then chmod 1777 "$2/tmp"; fi
  same_tar "$write_archive_work/layer.tar" "$2" .
  layer=$(sha256sum <"$write_archive_work/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"%s","os":"linux","created":"%s","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"%s","created_by":"private-registry images/"}]}' \
    "$3" "$epoch" "$5" "$layer" "$epoch" >"$write_archive_work/config.json"
  config=$(sha256sum <"$write_archive_work/config.json" | cut -d ' ' -f 1)
  mv "$write_archive_work/config.json" "$write_archive_work/$config.json"
  printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$config" "$4" \
    >"$write_archive_work/manifest.json"
  same_tar "$6" "$write_archive_work" "$config.json" layer.tar manifest.json
}
