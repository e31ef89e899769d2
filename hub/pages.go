package hub

import "net/http"

func (h *Hub) pages() (http.Handler, error) { return http.NotFoundHandler(), nil }
