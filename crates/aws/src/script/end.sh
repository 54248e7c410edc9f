
# Reports the refused calls.
refused=0
set +f
for file in "$directory"/*.error; do
  [ -e "$file" ] || continue
  refused=$((refused + 1))
  echo "refused: $file" >&2
done
echo "$directory: collected; $refused calls were refused. Next: kube-assay cluster --aws-evidence $directory" >&2
