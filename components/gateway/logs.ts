/** One line of JSON a request, without the query string: it carries the state of uploads. */
export const logMaps = `log_format json escape=json
    '{"time":"$time_iso8601","address":"$remote_addr","user":"$logged_user","method":"$request_method",'
    '"path":"$log_path","repository":"$repository","status":$status,"sent":$bytes_sent,'
    '"received":$request_length,"seconds":$request_time,"way":"$way","why":"$log_why",'
    '"upstream":"$upstream_status","agent":"$http_user_agent"}';
map $request_uri $log_path {
    "~^(?<path>[^?]*)" $path;
}
# Why nginx refused; or why a blob did not come from disk, where it was to come from in the first place.
map "$status $blob_way $way" $log_why {
    default          $blob_why;
    "~^[23].* gateway$" "";
    "~^401 "         "not logged in";
    "~^429 "         "too many requests";
    "~disk registry" "no data on disk";
    "~ gateway$"     $verdict;
}
map $user $logged_user {
    default        $user;
    "~^:"          "";
}
access_log /dev/stdout json;`;
